// SPDX-License-Identifier: Apache-2.0

#if FOVEA_TEST_HOOKS
  import Foundation
  import Raster
  import Synchronization
  import TestSupport
  import Testing

  /// The walls around a decoder: each is walked into on purpose, and each lie is told.
  @Suite(.timeLimit(.minutes(10))) struct DecodingConfinementTests {
    private let incidents = Incidents()
    private let decoder: RasterDecoder

    init() {
      decoder = RasterDecoder(processCount: 1) { [incidents] in incidents.add($0) }
    }

    private final class Incidents: Sendable {
      private let list = Mutex<[DecodeIncident]>([])
      func add(_ incident: DecodeIncident) { list.withLock { $0.append(incident) } }
      var ends: [DecodeIncident.End] { list.withLock { $0.map(\.end) } }
      var digests: [String?] { list.withLock { $0.map(\.inputDigest) } }
    }

    /// What decoding a good file gives while the process does as the probe says.
    private func decode(
      _ probe: DecodeProbe, file: String = "rgb.tif", seconds: Int = 30
    ) throws -> RasterError? {
      let url = RasterFixtures.url(file)
      let layout = try Dataset(trusted: url).layout
      decoder.misbehave(probe)
      defer { decoder.misbehave(nil) }
      do throws(RasterError) {
        try decoder.decode(url, expecting: DecodeExpectation(layout), seconds: seconds) { _, _, _ in
        }
        return nil
      } catch {
        return error
      }
    }

    @Test(arguments: [
      DecodeProbe.openat2, .socket, .fork, .execute, .makeCode, .kill, .writeElsewhere,
    ])
    func `what no image needs ends the process`(probe: DecodeProbe) throws {
      let error = try decode(probe)
      #expect(error?.kind == "raster-decode-failed")
      #expect(error?.reason.contains("what no image needs") == true, "\(String(describing: error))")
      #expect(incidents.ends == [.signalled(31)])
      #expect(incidents.digests.first??.count == 64)
      // The next file is decoded by the same decoder.
      _ = try decoder.check()
    }

    @Test func `opening a file is refused`() throws {
      #expect(try decode(.open)?.reason == "refused with error \(EACCES)")
      #expect(incidents.ends == [.exited(code: 65)])
    }

    @Test func `memory has an end`() throws {
      #expect(try decode(.takeMemory)?.reason == "refused with error \(ENOMEM)")
    }

    @Test func `time has an end, for who computes and for who sleeps`() throws {
      let computing = try decode(.spin)
      #expect(computing?.reason == "decoding it takes more than 1 s of computing")
      let sleeping = try decode(.sleep, seconds: 1)
      #expect(sleeping?.reason == "decoding it takes more than 1 s")
      #expect(incidents.ends == [.signalled(Int(SIGXCPU)), .ranOutOfTime])
    }

    @Test func `a crash is the file's end, not ours`() throws {
      let error = try decode(.crash)
      #expect(
        error?.reason.hasPrefix("decoding it crashed (signal 4)") == true,
        "\(String(describing: error))")
    }

    @Test(arguments: [
      (DecodeProbe.wrongMagic, "first bytes"), (.wrongSize, "columns"),
      (.scaleIsNoNumber, "band 1"), (.tooManyBytes, "bytes"), (.tooFewBytes, "bytes"),
      (.strayValidity, "neither valid nor empty"), (.infiniteSample, "no number"),
      (.notDone, "before its end"),
    ])
    func `a lie is not believed`(probe: DecodeProbe, words: String) throws {
      let error = try decode(probe, file: "float.tif")
      #expect(error?.kind == "raster-decode-mismatch")
      #expect(error?.reason.contains(words) == true, "\(String(describing: error))")
      _ = try decoder.check()
    }

    @Test func `without Landlock it depends on what was chosen`() throws {
      #expect(try decode(.withoutLandlock)?.kind == "decoder-unavailable")
      let lenient = RasterDecoder(landlock: .ifAvailable)
      lenient.misbehave(.withoutLandlock)
      #expect(try lenient.check().landlockVersion == nil)
    }

    @Test(.enabled(if: ProcessInfo.processInfo.activeProcessorCount > 1))
    func `a decoder with more than one thread does not start`() throws {
      let error = try decode(.withoutEnvironment)
      #expect(error?.kind == "decoder-unavailable")
      #expect(error?.reason.contains("threads") == true, "\(String(describing: error))")
    }

    @Test func `a killed decoder is replaced`() throws {
      _ = try decoder.check()
      let first = try #require(decoder.idleProcesses.first)
      kill(first, SIGKILL)
      try waitUntilGone(first)
      _ = try decoder.check()
      #expect(decoder.idleProcesses.count == 1)
      #expect(decoder.idleProcesses.first != first)
    }

    @Test func `a decoder killed at work fails that file alone, and takes its process along`()
      throws
    {
      let process = try decoderAtWork { zygote, child in
        kill(zygote, SIGKILL)
        return child
      }
      try waitUntilGone(process)
      _ = try decoder.check()
    }

    @Test func `a decoder has one variable, four descriptors and one thread`() throws {
      _ = try decoder.check()
      let process = try #require(decoder.idleProcesses.first)
      let environment = try Data(contentsOf: URL(filePath: "/proc/\(process)/environ"))
      #expect(String(decoding: environment, as: UTF8.self) == "OPENBLAS_NUM_THREADS=1\0")
      #expect(try names("/proc/\(process)/fd") == ["0", "1", "2", "3"])
      #expect(try names("/proc/\(process)/task").count == 1)
    }

    @Test func `a process at work is filtered and has no privileges to gain`() throws {
      let (status, descriptors, limits) = try decoderAtWork { zygote, child in
        let text = try String(contentsOfFile: "/proc/\(child)/status", encoding: .utf8)
        // Root alone may look at these two of a process that cannot be traced.
        let descriptors = try? names("/proc/\(child)/fd")
        let limits = try? String(contentsOfFile: "/proc/\(child)/limits", encoding: .utf8)
        kill(child, SIGKILL)
        return (text, descriptors, limits)
      }
      for line in ["Seccomp:\t2", "NoNewPrivs:\t1", "Threads:\t1"] {
        #expect(status.contains(line), "\(status)")
      }
      if let descriptors { #expect(descriptors == ["0", "1", "2", "3", "4"]) }
      if let limits { #expect(limits.contains("1610612736"), "\(limits)") }
    }

    // MARK: Processes at work

    /// Runs `look` while a process sleeps instead of decoding; it is given the ids of the decoder
    /// and of that process, and must end it.
    private func decoderAtWork<Value>(_ look: (Int32, Int32) throws -> Value) throws -> Value {
      _ = try decoder.check()
      let zygote = try #require(decoder.idleProcesses.first)
      let done = DispatchSemaphore(value: 0)
      let thread = Thread { [self] in
        _ = try? decode(.sleep, seconds: 20)
        done.signal()
      }
      thread.start()
      defer { done.wait() }
      var children: [Int32] = []
      var status = ""
      let end = ContinuousClock.now + .seconds(20)
      // Until it sleeps behind its filter.
      repeat {
        usleep(10_000)
        let text = try? String(
          contentsOfFile: "/proc/\(zygote)/task/\(zygote)/children", encoding: .utf8)
        children = (text ?? "").split(separator: " ").compactMap { Int32($0) }
        let file = children.first.map { "/proc/\($0)/status" } ?? ""
        status = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
      } while !status.contains("Seccomp:\t2") && ContinuousClock.now < end
      return try look(zygote, try #require(children.first))
    }

    private func waitUntilGone(_ process: Int32) throws {
      let end = ContinuousClock.now + .seconds(20)
      // A dead one that nobody has asked after is a zombie.
      while let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
        !status.contains("State:\tZ")
      {
        try #require(ContinuousClock.now < end, "\(process) goes on")
        usleep(10_000)
      }
    }

    private func names(_ folder: String) throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }
  }
#endif
