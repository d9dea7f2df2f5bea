// SPDX-License-Identifier: Apache-2.0

import CConfinement
public import Foundation
import Synchronization

/// How rasters from outside are decoded on this machine.
public struct DecoderState: Hashable, Sendable {
  /// The program.
  public let program: URL
  /// The version of the kernel's Landlock; nil where the filter of system calls stands alone.
  public let landlockVersion: Int?
}

extension RasterDecoder {
  /// An error with the end of the process, where that is worth a line in the log.
  struct Failure: Error {
    let error: RasterError
    let end: DecodeIncident.End?
  }

  /// What ends the reading of an answer.
  private enum Stop: Error {
    case answer(AnswerProblem)
    case body(RasterError)
  }

  /// Decodes what is behind a descriptor; waits for a process that is free.
  func decode(
    _ input: Int32, _ request: DecodeRequest,
    _ body: (PixelRect, DecodedPixels, DecodedFacts) throws(RasterError) -> Void
  ) throws(Failure) -> DecodedFacts {
    slots.wait()
    defer { slots.signal() }
    let started: (process: DecoderProcess, answer: Int32)
    do throws(RasterError) {
      started = try start(request, input: input)
    } catch {
      throw Failure(error: error, end: nil)
    }
    let deadline = ContinuousClock.now + .seconds(request.seconds) + Self.patience
    let answer = AnswerReader(started.answer, request, deadline: deadline)
    // A process that is not given back is ended, with the one that decodes.
    switch Self.read(answer, request, body) {
    case .success(let facts):
      try judge(started.process, request, deadline, isWhole: true)
      return facts
    case .failure(.answer(.refused(let kind, let reason))):
      try judge(started.process, request, deadline, refusal: Self.error(kind, reason))
    case .failure(.answer(.ended)): try judge(started.process, request, deadline)
    case .failure(.answer(.deviates(let what))):
      throw Failure(error: .decodeMismatch(reason: what), end: .givenUp)
    case .failure(.answer(.late)):
      throw Failure(error: Self.late(request), end: .ranOutOfTime)
    case .failure(.body(let error)): throw Failure(error: error, end: nil)
    }
    throw Failure(error: Self.incomplete, end: .givenUp)
  }

  private static let incomplete = RasterError.decodeMismatch(
    reason: "the answer stops before its end")

  private static func read(
    _ answer: borrowing AnswerReader, _ request: DecodeRequest,
    _ body: (PixelRect, DecodedPixels, DecodedFacts) throws(RasterError) -> Void
  ) -> Result<DecodedFacts, Stop> {
    do throws(AnswerProblem) {
      let facts = try answer.readFacts()
      for tile in request.tiles {
        let pixels = try answer.readTile(tile, of: facts.pixelType)
        do throws(RasterError) {
          try body(tile, pixels, facts)
        } catch {
          return .failure(.body(error))
        }
      }
      try answer.readEnd()
      return .success(facts)
    } catch {
      return .failure(.answer(error))
    }
  }

  // MARK: Processes

  /// Gives the request to a process that waits, or to a new one.
  private func start(
    _ request: DecodeRequest, input: Int32
  ) throws(RasterError) -> (process: DecoderProcess, answer: Int32) {
    while true {
      let waiting = idle.withLock { $0.popLast() }
      let process = if let waiting { waiting } else { try makeProcess() }
      guard pretended(process.landlockVersion) != nil || !request.needsLandlock else {
        throw .decoderUnavailable(
          reason: "the kernel has no Landlock, or it is forbidden here",
          remedy: "Boot with lsm=landlock,..., allow it in the container, or accept less with "
            + "decode: {landlock: if-available} in fovead.yaml.")
      }
      var ends: [Int32] = [-1, -1]
      guard cc_answer_pipe(&ends) == 0 else {
        throw .decoderUnavailable(
          reason: "there is no pipe for the answer: \(String(cString: strerror(errno)))",
          remedy: "Allow this program more open files.")
      }
      let isSent = process.send(request, input: input, answer: ends[1])
      close(ends[1])
      if isSent { return (process, ends[0]) }
      close(ends[0])
      guard waiting != nil else {
        throw .decoderUnavailable(
          reason: "the program ended as soon as it was started",
          remedy: "Run it by hand to see why.")
      }
    }
  }

  private func makeProcess() throws(RasterError) -> DecoderProcess {
    let program = try Self.find(program)
    #if FOVEA_TEST_HOOKS
      if probe.withLock({ $0 }) == .withoutEnvironment {
        return try DecoderProcess(program: program, hasEnvironment: false)
      }
    #endif
    return try DecoderProcess(program: program)
  }

  /// The program: the one that was named, the one beside this program, the installation's.
  static func find(_ program: URL?) throws(RasterError) -> URL {
    let own = URL(
      filePath: (try? FileManager.default.destinationOfSymbolicLink(
        atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    ).deletingLastPathComponent()
    let places =
      program.map { [$0] } ?? [
        own.appending(path: "fovea-decode"),
        own.deletingLastPathComponent().appending(path: "libexec/fovea/fovea-decode"),
      ]
    if let found = places.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) }) {
      return found
    }
    throw .decoderUnavailable(
      reason: "fovea-decode is not at \(places.map(\.path).joined(separator: " or "))",
      remedy: "Install it there: make install does.")
  }

  /// What is said of the kernel's Landlock where a test wants none.
  func pretended(_ version: Int?) -> Int? {
    #if FOVEA_TEST_HOOKS
      if probe.withLock({ $0 }) == .withoutLandlock { return nil }
    #endif
    return version
  }

  func request(
    _ expected: DecodeExpectation, part: PixelRect?, wantsChecksums: Bool, seconds: Int
  ) -> DecodeRequest {
    let part = part ?? expected.bounds
    precondition(expected.bounds.contains(part), "the part lies within the raster")
    var request = DecodeRequest(
      expected, part: part, wantsChecksums: wantsChecksums, needsLandlock: landlock == .required,
      seconds: seconds, memoryBytes: Self.memoryBytes)
    #if FOVEA_TEST_HOOKS
      if let probe = probe.withLock({ $0 }) {
        request.probe = probe.rawValue
        if probe == .spin { request.cpuSeconds = 1 }
      }
    #endif
    return request
  }

  // MARK: Ends

  /// Waits for the end of the process that decoded; gives the one that forked it back.
  ///
  /// - Throws: what the end means, unless it is that of a whole answer.
  private func judge(
    _ process: DecoderProcess, _ request: DecodeRequest, _ deadline: ContinuousClock.Instant,
    isWhole: Bool = false, refusal: RasterError? = nil
  ) throws(Failure) {
    guard let end = process.receiveReport(until: deadline) else {
      throw Failure(
        error: .decoderUnavailable(
          reason: "fovea-decode ended while it decoded",
          remedy: "Try again; the log of the kernel may say who killed it."), end: .givenUp)
    }
    idle.withLock { $0.append(process) }
    switch end {
    case .exited(0) where isWhole: return
    case .exited:
      throw Failure(error: refusal ?? Self.incomplete, end: end)
    case .ranOutOfTime: throw Failure(error: Self.late(request), end: end)
    case .signalled(let number):
      throw Failure(error: .decodeFailed(reason: Self.words(number, request)), end: end)
    case .givenUp:
      throw Failure(
        error: .decoderUnavailable(
          reason: "fovea-decode could start no process",
          remedy: "Allow more processes, or wait until the machine is less busy."), end: end)
    }
  }

  private static func late(_ request: DecodeRequest) -> RasterError {
    .decodeFailed(reason: "decoding it takes more than \(request.seconds) s")
  }

  private static func words(_ signal: Int, _ request: DecodeRequest) -> String {
    switch Int32(signal) {
    case SIGXCPU: "decoding it takes more than \(request.cpuSeconds) s of computing"
    case SIGKILL: "decoding it was killed, perhaps for want of memory"
    case SIGSYS: "decoding it asked the system for what no image needs, and was stopped"
    default:
      "decoding it crashed (signal \(signal)), or needed more than "
        + "\(request.memoryBytes >> 20) MiB of memory"
    }
  }

  private static func error(_ kind: DecodeProtocol.RefusalKind, _ reason: String) -> RasterError {
    switch kind {
    case .malformed: .malformed(reason: reason)
    case .unsupported: .unsupported(reason: reason, remedy: RasterLayout.pixelTypeRemedy)
    case .decode: .decodeFailed(reason: reason)
    case .differs: .decodeMismatch(reason: reason)
    case .confinement:
      .decoderUnavailable(
        reason: "fovea-decode cannot confine itself: \(reason)",
        remedy: "Allow seccomp and Landlock to this program.")
    }
  }
}
