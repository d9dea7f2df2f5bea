// SPDX-License-Identifier: Apache-2.0

import Foundation
import Raster
import Testing

@Suite struct TrustedImagesTests {
  /// A ustar member: its header and its bytes, padded to whole blocks.
  private func member(
    _ name: String, _ bytes: [UInt8], prefix: String = "", type: Character = "0"
  ) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at offset: Int) {
      header.replaceSubrange(offset..<offset + text.utf8.count, with: Array(text.utf8))
    }
    put(name, at: 0)
    put("0000644\0", at: 100)
    let size = String(bytes.count, radix: 8)
    put(String(repeating: "0", count: 11 - size.count) + size, at: 124)
    put("00000000000", at: 136)
    put(String(type), at: 156)
    put("ustar\u{0}00", at: 257)
    put(prefix, at: 345)
    put("        ", at: 148)
    let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
    put(String(repeating: "0", count: 6 - sum.count) + sum + "\0 ", at: 148)
    return header + bytes + [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
  }

  @Test func decodesAsGDALDoes() throws {
    let scratch = try ScratchFolder()
    let jpeg = try RasterFixtures.bytes("chip.jpg")
    let archive =
      member("labels.tsv", Array("path\tclass\nF/chip.jpg\tForest\n".utf8))
      + member("F/", [], type: "5")
      + member("F/chip.jpg", jpeg)
      + member("chip.jpg", jpeg, prefix: String(repeating: "long/", count: 20) + "G")
      + [UInt8](repeating: 0, count: 1024)
    let images = try TrustedImages(url: scratch.file("set.tar", archive))
    let long = String(repeating: "long/", count: 20) + "G/chip.jpg"
    #expect(images.names == ["labels.tsv", "F/chip.jpg", long])
    let expected = try RasterFixtures.bytes("chip.raw")
    for name in ["F/chip.jpg", long] {
      let chip = try images.decode(name)
      #expect(chip.bandCount == 3 && chip.height == 33 && chip.width == 45)
      #expect(chip.samples == expected)
    }
    #expect(try images.text("labels.tsv").hasSuffix("Forest\n"))
    #expect(try images.bytes("F/chip.jpg") == jpeg)
  }

  @Test func readsAFolder() throws {
    let scratch = try ScratchFolder()
    let folder = scratch.file("F")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(RasterFixtures.bytes("chip.jpg")).write(to: folder.appending(path: "chip.jpg"))
    let images = try TrustedImages(url: scratch.url)
    #expect(images.names.contains("F/chip.jpg"))
    #expect(try images.decode("F/chip.jpg").samples == RasterFixtures.bytes("chip.raw"))
  }

  @Test func refusesWhatItCannotRead() throws {
    let scratch = try ScratchFolder()
    let end = [UInt8](repeating: 0, count: 1024)
    let good = member("a.txt", Array("hello".utf8)) + end
    func error(_ bytes: [UInt8]) throws -> RasterError? {
      let url = try scratch.file("set.tar", bytes)
      return #expect(throws: RasterError.self) { _ = try TrustedImages(url: url) }
    }
    var damaged = good
    damaged[0] = UInt8(ascii: "b")
    #expect(try error(damaged)?.kind == "archive-malformed")
    #expect(try error(Array(good.prefix(515)))?.kind == "archive-malformed")
    #expect(try error(Array(good.dropLast(1024)))?.description.contains("cut off") == true)
    #expect(try error([0x1F, 0x8B] + end)?.description.contains("gunzip") == true)
    #expect(try error(member("link", [], type: "2"))?.description.contains("type '2'") == true)

    let images = try TrustedImages(url: scratch.file("set.tar", good))
    #expect(throws: RasterError.self) { try images.decode("missing.jpg") }
    let text = #expect(throws: RasterError.self) { try images.decode("a.txt") }
    #expect(text?.kind == "raster-cannot-read")
  }

  @Test func readsWhatTarMakes() throws {
    let scratch = try ScratchFolder()
    let long = String(repeating: "l", count: 120) + "/b.txt"
    let record = " path=" + long + "\n"
    let pax = Array("\(record.utf8.count + 3)\(record)".utf8)
    let end = [UInt8](repeating: 0, count: 1024)
    let archives = [
      member("././@LongLink", Array((long + "\0").utf8), type: "L") + member("cut", [66]),
      member("./PaxHeaders/b", Array("12 mtime=1.\n".utf8) + pax, type: "x") + member("cut", [66]),
    ]
    for archive in archives {
      let url = try scratch.file(
        "set.tar",
        member("./", [], type: "5") + member("./F/", [], type: "5") + member("./a.txt", [65])
          + archive + member("./a.txt", [67]) + end)
      let images = try TrustedImages(url: url)
      #expect(images.names == ["a.txt", long] && images.folders.contains("F"))
      #expect(try images.text("a.txt") == "C" && images.text(long) == "B")
    }
  }

  @Test func followsLinksOnce() throws {
    let scratch = try ScratchFolder()
    let manager = FileManager.default
    try manager.createDirectory(at: scratch.file("set/F"), withIntermediateDirectories: true)
    try manager.createDirectory(at: scratch.file("other"), withIntermediateDirectories: true)
    for name in ["set/F/a.txt", "other/b.txt"] { try Data([65]).write(to: scratch.file(name)) }
    for (link, target) in [("G", "../other"), ("F/up", ".."), ("F/lost.txt", "nowhere")] {
      try manager.createSymbolicLink(
        atPath: scratch.file("set/\(link)").path, withDestinationPath: target)
    }
    let images = try TrustedImages(url: scratch.file("set"))
    #expect(images.names == ["F/a.txt", "F/lost.txt", "G/b.txt"])
    #expect(images.folders == ["F", "G"])
    #expect(throws: RasterError.self) { try images.bytes("F/lost.txt") }
    #expect(try images.bytes("G/b.txt", 0..<1) == [65])
    #expect(throws: RasterError.self) { try images.bytes("G/b.txt", 0..<2) }
    try Data([66, 67]).write(to: scratch.file("other/b.txt"))
    #expect(try TrustedImages(url: scratch.file("set")).fingerprint != images.fingerprint)
  }

  @Test func refusesAnImageWithoutItsEnd() throws {
    let scratch = try ScratchFolder()
    let window = Window(
      bandCount: 3, height: 64, width: 64, samples: (0..<3 * 4096).map { UInt8($0 * 97 % 251) })
    var files = ["chip.jpg": try RasterFixtures.bytes("chip.jpg")]
    files["chip.png"] = [UInt8](try PNG.encode(window))
    for (name, bytes) in files {
      for share in [0.3, 0.6, 0.95] {
        _ = try scratch.file(name, Array(bytes.prefix(Int(Double(bytes.count) * share))))
        let images = try TrustedImages(url: scratch.url)
        #expect(throws: RasterError.self, "\(name) \(share)") { try images.decode(name) }
      }
    }
  }

  @Test(.enabled(if: RasterFixtures.shared != nil, "the shared data are not beside the checkout"))
  func decodesEveryChipOfEuroSAT() throws {
    let shared = try #require(RasterFixtures.shared)
    let images = try TrustedImages(url: shared.appending(path: "eurosat.tar"))
    let labels = try images.text("labels.tsv").split(separator: "\n").dropFirst()
    #expect(labels.count == 14_000)
    let start = ContinuousClock.now
    for label in labels {
      let name = String(label.prefix { $0 != "\t" })
      let chip = try images.decode(name)
      #expect(chip.samples.count == 3 * 64 * 64, "\(name)")
    }
    print("14,000 chips decoded in \(ContinuousClock.now - start)")
  }
}
