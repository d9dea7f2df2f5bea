// SPDX-License-Identifier: Apache-2.0

import Client
import Foundation
import TestSupport
import Testing
import Wire

/// Names that programs handle badly, in the watched folder and in uploads.
@Suite(.timeLimit(.minutes(10))) struct IncomingNameTests {
  /// What is refused of a file for its name alone, and what becomes a scene under any name.
  private static let refused: Set = [
    "a newline", "an escape", "right to left", "255 bytes", "only spaces",
  ]

  private let folder: TemporaryFolder
  private let good: Data
  private var incoming: URL { folder.url.appending(path: "incoming") }
  private var rejected: URL { folder.url.appending(path: "rejected") }

  init() throws {
    folder = try TemporaryFolder()
    good = try Data(
      contentsOf: TestPaths.root.appending(path: "Tests/RasterTests/Fixtures/rgb.tif"))
    try FileManager.default.createDirectory(at: incoming, withIntermediateDirectories: true)
  }

  private func names(in folder: URL) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
  }

  /// Writes a file by the bytes of its name, with an old time, as if it had been moved in.
  private func put(_ name: [UInt8], _ data: Data) throws {
    let path = (Array((incoming.path + "/").utf8) + name + [0]).map { CChar(bitPattern: $0) }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o644)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    let count = data.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    try #require(count == data.count)
    let times = [
      timespec(tv_sec: 1_700_000_000, tv_nsec: 0), timespec(tv_sec: 1_700_000_000, tv_nsec: 0),
    ]
    try #require(futimens(descriptor, times) == 0)
  }

  @Test func `a file of any name is taken, or put aside with the reason`() async throws {
    for name in BadNames.texts.values { try put(Array(name.utf8), good) }
    try put(BadNames.noText, good)
    let daemon = try await RunningDaemon(folder)
    #expect(
      await Samples.eventually { names(in: incoming).isEmpty },
      "left: \(names(in: incoming).map { $0.debugDescription })")
    // The same bytes are one scene.
    #expect(try await daemon.client.scenes().count == 1)
    let put = names(in: rejected)
    let notes = put.filter { $0.hasSuffix(".reason.txt") }
    #expect(notes.count == Self.refused.count && put.count == 2 * notes.count, "\(put)")
    for note in notes {
      let text = try String(contentsOf: rejected.appending(path: note), encoding: .utf8)
      #expect(text.contains("is no scene: its name is not 1 to 200 bytes of printable text."))
      #expect(text.split(separator: "\n").count == 3, "\(text.debugDescription)")
      #expect(!text.contains("\u{1B}") && !text.contains("\u{202E}"))
    }
    #expect(try await daemon.client.isReady().status == "ok")
    try await daemon.stop()
  }

  @Test func `an upload is refused for a name that is none, and kept under any other`() async throws
  {
    let daemon = try await RunningDaemon(folder)
    let file = folder.url.appending(path: "upload.tif")
    try good.write(to: file)
    for (what, name) in BadNames.texts {
      do {
        _ = try await daemon.client.addScene(file, name: name)
        #expect(!Self.refused.contains(what), "\(what) was taken")
      } catch {
        #expect(Self.refused.contains(what), "\(what): \(error)")
        #expect("\(error)".contains("printable text"), "\(what): \(error)")
      }
    }
    #expect(try await daemon.client.scenes().count == 1)
    try await daemon.stop()
  }
}
