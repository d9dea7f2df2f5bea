// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Glibc
import Raster
import Synchronization
import TestSupport
import Testing

/// Names and kinds of files that programs handle badly, all made here.
@Suite struct RasterNameTests {
  private func refusal(of url: URL) throws -> RasterError? {
    let scratch = try ScratchFolder()
    let started = ContinuousClock.now
    let error = #expect(throws: RasterError.self, "\(url)") {
      _ = try Ingest.scene(url, cleanCopy: scratch.file("clean.tif"))
    }
    #expect(try scratch.names.isEmpty)
    #expect(ContinuousClock.now - started < .seconds(10), "\(url)")
    return error
  }

  @Test(arguments: BadNames.texts.keys.sorted())
  func `a name says nothing of the file`(what: String) throws {
    let name = try #require(BadNames.texts[what])
    let scratch = try ScratchFolder()
    let good = try RasterFixtures.bytes("rgb.tif")
    let facts = try Ingest.scene(
      try scratch.file(name, good), cleanCopy: scratch.file("clean.tif"))
    #expect(facts.noDataShare == 0)
    // Nor does it get into what is said of a bad one, or onto the disk.
    let error = try refusal(of: try scratch.file(name, Array(good.prefix(300))))
    #expect(error?.description.contains(name) == false)
    #expect(try scratch.names == ["clean.tif", name].sorted())
  }

  @Test func `text that GDAL opens is only the name of a file that is not there`() throws {
    for name in BadNames.connections {
      #expect(try refusal(of: URL(filePath: name))?.kind == "raster-cannot-read", "\(name)")
    }
    let scratch = try ScratchFolder()
    _ = try scratch.file("x.tif", RasterFixtures.bytes("rgb.tif"))
    for name in ["GTIFF_DIR:1:x.tif", "x.tif/..", "y/../z.tif"] {
      let url = URL(filePath: scratch.url.path + "/" + name)
      #expect(try refusal(of: url)?.kind.hasPrefix("raster-") == true, "\(name)")
    }
  }

  @Test func `a name is not cut at a zero`() throws {
    let scratch = try ScratchFolder()
    _ = try scratch.file("x.tif", RasterFixtures.bytes("rgb.tif"))
    _ = try refusal(of: URL(filePath: scratch.url.path + "/x.tif\u{0}.png"))
  }

  @Test(.timeLimit(.minutes(10)))
  func `only a regular file of its own is opened`() throws {
    let scratch = try ScratchFolder()
    func link(_ name: String, to target: String) throws -> URL {
      let url = scratch.file(name)
      try FileManager.default.createSymbolicLink(
        atPath: url.path, withDestinationPath: target)
      return url
    }
    let socketURL = scratch.file("socket.tif")
    let socket = try bind(to: socketURL)
    defer { close(socket) }
    #expect(mkfifo(scratch.file("fifo.tif").path, 0o600) == 0)
    let good = RasterFixtures.url("rgb.tif").path
    let kinds = [
      "folder": scratch.url, "parent": scratch.file(".."), "fifo": scratch.file("fifo.tif"),
      "socket": socketURL, "dangling": try link("dangling.tif", to: "nowhere"),
      "loop": try link("loop.tif", to: "loop.tif"),
      "passwd": try link("passwd.tif", to: "/etc/passwd"),
      "zero": try link("zero.tif", to: "/dev/zero"), "good": try link("good.tif", to: good),
      "memory": URL(filePath: "/proc/self/mem"), "null": URL(filePath: "/dev/null"),
      "terminal": URL(filePath: "/dev/tty"),
    ]
    for (what, url) in kinds {
      let kind = try refusal(of: url)?.kind ?? ""
      #expect(["raster-not-tiff", "raster-cannot-read"].contains(kind), "\(what): \(kind)")
    }
  }

  private func bind(to url: URL) throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: url.path.utf8) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(result == 0)
    return descriptor
  }

  // Root may read everything, so the right is given up, for good, in a process of its own.
  @Test func `a file that may not be read is refused`() async throws {
    await #expect(processExitsWith: .success) {
      let scratch = try ScratchFolder()
      let url = try scratch.file("secret.tif", RasterFixtures.bytes("rgb.tif"))
      chmod(url.path, 0)
      chmod(scratch.url.path, 0o777)
      if getuid() == 0, setuid(65_534) != 0 { exit(2) }
      do throws(RasterError) {
        _ = try Ingest.scene(url, cleanCopy: scratch.file("clean.tif"))
        exit(3)
      } catch {
        exit(error.kind == "raster-cannot-read" ? 0 : 4)
      }
    }
  }

  @Test(.timeLimit(.minutes(10)))
  func `a file that shrinks and changes while it is read does no harm`() throws {
    let scratch = try ScratchFolder()
    let bytes = try RasterFixtures.bytes("rgb.tif")
    let url = try scratch.file("in.tif", bytes)
    let changer = FileChanger(url, bytes)
    defer { changer.stop() }
    var kinds: [String: Int] = [:]
    for _ in 0..<400 {
      do throws(RasterError) {
        let facts = try Ingest.scene(url, cleanCopy: scratch.file("clean.tif"))
        #expect(facts.layout == RasterFixtures.layout)
        kinds["taken", default: 0] += 1
      } catch {
        kinds[error.kind, default: 0] += 1
      }
      #expect(try scratch.names.filter { $0.hasSuffix(".part") } == [])
    }
    let allowed: Set = [
      "taken", "raster-not-tiff", "raster-malformed", "raster-cannot-read", "raster-decode-failed",
      "raster-unsupported", "raster-georeference", "raster-too-large", "raster-values",
    ]
    #expect(Set(kinds.keys).subtracting(allowed).isEmpty, "\(kinds)")
    RasterFuzzRun.say("a file that changes while it is read: \(kinds)")
  }
}

/// Cuts a file short and fills it again, as fast as it can, on a thread of its own.
private final class FileChanger: Sendable {
  private let isStopped = Flag()
  private let hasEnded = DispatchSemaphore(value: 0)

  init(_ url: URL, _ bytes: [UInt8]) {
    Thread { [isStopped, hasEnded] in
      let descriptor = open(url.path, O_WRONLY | O_CLOEXEC)
      var step = 0
      while !isStopped.isSet {
        step += 1
        ftruncate(descriptor, off_t(step * 131 % bytes.count))
        usleep(UInt32(step % 7) * 50)
        pwrite(descriptor, bytes, bytes.count, 0)
        usleep(UInt32(step % 5) * 100)
      }
      close(descriptor)
      hasEnded.signal()
    }.start()
  }

  func stop() {
    isStopped.set()
    hasEnded.wait()
  }
}

/// A word that one thread says to another.
private final class Flag: Sendable {
  private let value = Mutex(false)
  var isSet: Bool { value.withLock { $0 } }
  func set() { value.withLock { $0 = true } }
}
