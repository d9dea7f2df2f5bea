// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import PatchDrop
import Platform
import Raster
import TestSupport
import Testing

/// Tables of labels, splits, sizes, and what is refused.
@Suite struct DataTests {
  /// A folder of little pictures of two classes with a table of labels.
  private func labelled(_ labels: String? = nil) throws -> DataFixture {
    let data = try DataFixture()
    let table = try data.twoClasses()
    try data.write("labels.tsv", labels ?? table)
    return data
  }

  @Test func `a tenth of each class is set apart by its path alone`() throws {
    let data = try labelled()
    let chips = try LabelledChips(contentsOf: data.url, zoom: 4)
    #expect(chips.classes == ["bright", "dark"])
    #expect(chips.count == 24 && chips.unreadable.isEmpty && chips.cacheWarning == nil)
    for label in 0..<2 {
      let tune = chips.indices(of: .tune).filter { chips.labels[$0] == label }
      let candidates = chips.paths.indices.filter {
        chips.labels[$0] == label && chips.splits[$0] != .val
      }
      #expect(tune == lowest(1, of: candidates, chips))
    }
    #expect(chips.indices(of: .val).count == 4)
  }

  /// The images with the lowest SHA-256 of their path, in order.
  private func lowest(_ count: Int, of images: [Int], _ chips: LabelledChips) -> [Int] {
    images.sorted {
      Digest.sha256(Data(chips.paths[$0].utf8)) < Digest.sha256(Data(chips.paths[$1].utf8))
    }
    .prefix(count).sorted()
  }

  @Test func `splits that nobody gave are made, and always the same`() throws {
    let data = try DataFixture()
    try data.twoClasses()
    let chips = try LabelledChips(contentsOf: data.url, zoom: 4)
    for label in 0..<2 {
      let members = chips.paths.indices.filter { chips.labels[$0] == label }
      let val = lowest(2, of: members, chips)
      #expect(chips.indices(of: .val).filter { chips.labels[$0] == label } == val)
      let tune = lowest(1, of: members.filter { !val.contains($0) }, chips)
      #expect(chips.indices(of: .tune).filter { chips.labels[$0] == label } == tune)
    }
    // The same from an archive, in another folder, and by a table without splits.
    let archive = try data.archive(["--format=ustar", "--transform=s,^\\.,set/images,"])
    #expect(try LabelledChips(contentsOf: archive, zoom: 4).facts == chips.facts)
    let rows = chips.paths.indices.reversed().map {
      "\(chips.paths[$0])\t\(chips.classes[chips.labels[$0]])\n"
    }
    try data.write("labels.tsv", "path\tclass\n" + rows.joined())
    #expect(try LabelledChips(contentsOf: data.url, zoom: 4).facts == chips.facts.reversed())
  }

  @Test func `a table may name tune, and may come from a spreadsheet`() throws {
    let data = try DataFixture()
    let table = try data.twoClasses().replacing("/3.png\tdark\ttrain", with: "/3.png\tdark\ttune")
    try data.write("labels.tsv", "\u{FEFF}" + table.replacing("\n", with: "\r\n") + "\r\n")
    let chips = try LabelledChips(contentsOf: data.url, zoom: 4)
    #expect(chips.count == 24)
    #expect(chips.indices(of: .tune).map { chips.paths[$0] } == ["dark/3.png"])
  }

  @Test func `a picture that cannot be read is counted and named`() throws {
    let data = try labelled()
    try data.write("bright/0.png", "no picture")
    try data.picture("bright/5.png", width: 4, height: 4)
    let chips = try LabelledChips(contentsOf: data.url, zoom: 4)
    #expect(chips.count == 22)
    #expect(chips.unreadable.map(\.path).sorted() == ["bright/0.png", "bright/5.png"])
    #expect(chips.unreadable.contains { $0.reason.contains("4 x 4") })
    // A third is more than a tenth.
    try FileManager.default.removeItem(at: data.url.appending(path: "dark/3.png"))
    let words = data.refusal()
    #expect(words.contains("3 of the 24 images") && words.contains("bright/0.png"))
    #expect(words.contains("labels.tsv names it, but there is no such file"), "\(words)")
  }

  @Test(arguments: [
    ("path\n", "line 1"), ("path\tclass\tsplit\na.png\tx\n", "line 2"), ("", "line 1"),
    ("path\tclass\tsplit\n\na.png\tx\ttest\n", "line 3: the split \"test\" is none of train"),
    ("path\tclass\tsplit\na.png\tx\ttrain\n", "1 class, x"), ("path\tclass\n", "no images"),
    ("path\tclass\na.png\tx\r\nb.png\ty\na.png\tx\n", "line 4: a.png stands in line 2 already"),
    ("path\tclass\n\tx\n", "line 2: the path or the class is empty"),
  ])
  func `a table of labels is refused with its line`(labels: String, words: String) throws {
    let data = try labelled(labels)
    let error = #expect(throws: DataSetError.self) {
      try LabelledChips(contentsOf: data.url, zoom: 4)
    }
    #expect(error?.description.contains(words) == true, "\(String(describing: error))")
  }

  @Test func `planned masks are read by place`() throws {
    let table = try MaskTable(
      "row\tcolumn\tmask\n0\t1\t00ff\n2\t3\t8000\n", path: "m", grid: .paper)
    #expect(table.masks[ChipIndex(column: 1, row: 0)] == PatchMask(0..<8))
    #expect(table.masks[ChipIndex(column: 3, row: 2)] == PatchMask([15]))
    for text in ["0\t1", "0\t1\t10000", "a\t1\t1", "0\t1\tg"] {
      #expect(throws: ModelError.self) { try MaskTable(text, path: "m", grid: .paper) }
    }
  }

  @Test func `what is no data set is refused with words`() throws {
    let data = try DataFixture()
    #expect(data.refusal().contains("has neither a labels.tsv"))
    try data.picture("only/1.png")
    #expect(data.refusal().contains("1 class, only"))
    try data.twoClasses()
    try DurableFile.createFolder(data.url.appending(path: "void"))
    #expect(data.refusal().contains("class void of"))
    try data.write("void/notes.txt", "nothing")
    #expect(data.refusal().contains("class void of"))
    try data.write("void/1.png", "no picture")
    let words = data.refusal()
    #expect(words.contains("class void of") && words.contains("void/1.png"), "\(words)")
    let missing = URL(filePath: "/nowhere/set.tar")
    let error = #expect(throws: DataSetError.self) {
      try LabelledChips(contentsOf: missing, zoom: 4)
    }
    #expect(error?.description.contains("/nowhere/set.tar: there is no such file") == true)
  }

  @Test func `an archive that was cut off is refused`() throws {
    let data = try labelled()
    let whole = try Data(contentsOf: data.archive())
    let folder = try TemporaryFolder()
    let url = folder.url.appending(path: "cut.tar")
    for share in [0.3, 0.55, 0.8] {
      let length = Int(Double(whole.count) * share)
      for length in [length, length / 512 * 512] {
        try whole.prefix(length).write(to: url)
        let error = #expect(throws: RasterError.self) {
          try LabelledChips(contentsOf: url, zoom: 4)
        }
        #expect(error?.description.contains("download it again") == true)
      }
    }
  }

  @Test func `an image outside of the classes is named`() throws {
    let data = try DataFixture()
    try data.twoClasses()
    try data.picture("overview.png", width: 50, height: 20)
    try data.write("README.md", "Pictures")
    try data.write("dark/.thumbnail.png", "hidden")
    let chips = try LabelledChips(contentsOf: data.url, zoom: 4)
    #expect(chips.count == 24 && chips.unreadable.map(\.path) == ["overview.png"])
  }

  @Test func `a class with nothing to train on is refused`() throws {
    let table = try DataFixture().twoClasses()
    let data = try labelled(table.replacing("\tdark\ttrain", with: "\tdark\tval"))
    #expect(data.refusal().contains("the class dark of"))
    // A set that is only to be scored has none to train on at all.
    let scored = try labelled(table.replacing("train", with: "val"))
    #expect(try LabelledChips(contentsOf: scored.url, zoom: 4, wanted: [.val]).count == 24)
    #expect(scored.refusal(wanted: [.train]).contains("no images of the split train"))
  }
}
