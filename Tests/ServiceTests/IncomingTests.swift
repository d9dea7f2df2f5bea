// SPDX-License-Identifier: Apache-2.0

import Client
import Foundation
import TestSupport
import Testing
import Wire

/// The watched folder, with real files.
@Suite(.timeLimit(.minutes(10))) struct IncomingTests {
  private static let demo = TestPaths.root.appending(path: "etc/demo/eurosat_lr.tif")
  private static let fixtures = TestPaths.root.appending(path: "Tests/RasterTests/Fixtures")

  private let folder: TemporaryFolder
  private let lines = LogLines()
  private var incoming: URL { folder.url.appending(path: "incoming") }
  private var rejected: URL { folder.url.appending(path: "rejected") }

  init() throws { folder = try TemporaryFolder() }

  private func daemon(settleSeconds: Int = 1) async throws -> RunningDaemon {
    let file = folder.url.appending(path: "fovead.yaml")
    try Data("incoming: {settle_seconds: \(settleSeconds)}".utf8).write(to: file)
    let daemon = try await RunningDaemon(folder, configuration: file, log: lines.add)
    try FileManager.default.createDirectory(at: incoming, withIntermediateDirectories: true)
    return daemon
  }

  /// Puts a finished file in, as a person moves one: its time is old.
  private func put(_ data: Data, _ name: String) throws {
    let outside = folder.url.appending(path: "outside")
    try data.write(to: outside)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -3600)], ofItemAtPath: outside.path)
    try FileManager.default.moveItem(at: outside, to: incoming.appending(path: name))
  }

  private func names(in folder: URL) -> Set<String> {
    Set((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
  }

  @Test func `a file that is moved in becomes a scene, and goes`() async throws {
    let daemon = try await daemon(settleSeconds: 3000)
    try put(Data(contentsOf: Self.demo), "Mainz \u{FC}ber.tif")
    #expect(try await Samples.eventually { try await daemon.client.scenes().count == 1 })
    let scene = try #require(try await daemon.client.scenes().first)
    #expect(scene.name == "Mainz \u{FC}ber.tif")
    #expect(await Samples.eventually { names(in: incoming).isEmpty })
    // The same bytes again are the same scene, by whatever way they come.
    #expect(try await daemon.client.addScene(Self.demo, name: "upload.tif") == scene)
    try put(Data(contentsOf: Self.demo), "again.tif")
    #expect(await Samples.eventually { names(in: incoming).isEmpty })
    #expect(try await daemon.client.scenes() == [scene])
    #expect(names(in: rejected).isEmpty)
    #expect(lines.all.contains { $0.contains("scene taken in actor=uid:\(getuid()) file=") })
    try await daemon.stop()
  }

  @Test func `a file that still grows is left alone, and then taken whole`() async throws {
    let daemon = try await daemon(settleSeconds: 2)
    let bytes = try Data(contentsOf: Self.demo)
    let file = incoming.appending(path: "slow.tif")
    try Data().write(to: file)
    let handle = try FileHandle(forWritingTo: file)
    let pieceByteCount = bytes.count / 8 + 1
    for start in stride(from: 0, to: bytes.count, by: pieceByteCount) {
      try handle.write(contentsOf: bytes[start..<min(start + pieceByteCount, bytes.count)])
      try await Task.sleep(for: .milliseconds(500))
      #expect(names(in: incoming) == ["slow.tif"])
    }
    try handle.close()
    #expect(await Samples.eventually { names(in: incoming).isEmpty })
    #expect(try await daemon.client.scenes().map(\.byteCount) == [Int64(bytes.count)])
    #expect(names(in: rejected).isEmpty)
    try await daemon.stop()
  }

  @Test func `what is no scene is put aside with the reason, and the daemon lives on`() async throws
  {
    let daemon = try await daemon()
    let whole = try Data(contentsOf: Self.demo)
    try put(Data("no raster".utf8), "note.tif")
    try put(whole.prefix(whole.count / 2), "half.tif")
    for name in ["no_crs.tif", "south_up.tif", "empty.tif"] {
      try put(Data(contentsOf: Self.fixtures.appending(path: name)), name)
    }
    try FileManager.default.createSymbolicLink(
      at: incoming.appending(path: "link.tif"), withDestinationURL: Self.demo)
    mkfifo(incoming.appending(path: "fifo.tif").path, 0o600)
    #expect(await Samples.eventually { names(in: incoming).isEmpty })
    let expected: Set = [
      "note.tif", "half.tif", "no_crs.tif", "south_up.tif", "empty.tif", "link.tif", "fifo.tif",
    ]
    // The reason is written after its file has moved.
    #expect(
      await Samples.eventually {
        names(in: rejected) == expected.union(expected.map { $0 + ".reason.txt" })
      })
    for name in expected {
      let note = try String(
        contentsOf: rejected.appending(path: name + ".reason.txt"), encoding: .utf8)
      let parts = note.split(separator: "\n")
      #expect(parts.count == 3 && parts[0].hasPrefix("\(name) is no scene: "), "\(note)")
      #expect(parts.last?.hasSuffix("\(incoming.path) again.") == true)
    }
    #expect(try Data(contentsOf: rejected.appending(path: "half.tif")).count == whole.count / 2)
    #expect(try await daemon.client.scenes().isEmpty)
    // Another file of the same name replaces nothing.
    try put(Data("nor this".utf8), "note.tif")
    #expect(await Samples.eventually { names(in: rejected).contains("note-2.tif.reason.txt") })
    #expect(try Data(contentsOf: rejected.appending(path: "note.tif")) == Data("no raster".utf8))
    #expect(try await daemon.client.isReady().status == "ok")
    try await daemon.stop()
  }

  @Test func `folders and unfinished names are left alone`() async throws {
    let daemon = try await daemon()
    let data = try Data(contentsOf: Self.demo)
    let left: Set = [".hidden.tif", "a.tif.part", "b.TMP", "folder"]
    try FileManager.default.createDirectory(
      at: incoming.appending(path: "folder"), withIntermediateDirectories: true)
    for name in left.subtracting(["folder"]) { try put(data, name) }
    // Taken after them in every order, so they were seen.
    try put(data, "z.tif")
    #expect(try await Samples.eventually { try await !daemon.client.scenes().isEmpty })
    #expect(await Samples.eventually { names(in: incoming) == left })
    try await Task.sleep(for: .milliseconds(1500))
    #expect(names(in: incoming) == left)
    try await daemon.stop()
  }

  @Test func `a folder that cannot be watched is said, and is no end`() async throws {
    try Data("a file".utf8).write(to: incoming)
    let file = folder.url.appending(path: "fovead.yaml")
    try Data().write(to: file)
    let daemon = try await RunningDaemon(folder, configuration: file, log: lines.add)
    #expect(
      try await Samples.eventually {
        let health = try await daemon.client.isReady()
        return health.status == "degraded"
          && health.checks?.first { $0.part == "incoming" }?.problem != nil
      })
    try FileManager.default.removeItem(at: incoming)
    #expect(try await Samples.eventually { try await daemon.client.isReady().status == "ok" })
    try await daemon.stop()
  }
}
