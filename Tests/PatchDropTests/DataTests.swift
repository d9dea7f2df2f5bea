// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import PatchDrop
import Platform
import Raster
import TestSupport
import Testing

/// Data sets from folders, and what is refused.
@Suite struct DataTests {
  /// A folder of little pictures of two classes with a table of labels.
  private func folder(labels: String? = nil) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    var table = "path\tclass\tsplit\n"
    for (name, level) in [("dark", 40), ("bright", 200)] {
      try DurableFile.createFolder(folder.url.appending(path: name))
      for number in 0..<12 {
        let samples = (0..<3 * 64).map { UInt8((level + number * 3 + $0) % 256) }
        try PNG.write(
          Window(bandCount: 3, height: 8, width: 8, samples: samples),
          to: folder.url.appending(path: "\(name)/\(number).png"))
        table += "\(name)/\(number).png\t\(name)\t\(number < 10 ? "train" : "val")\n"
      }
    }
    try DurableFile.write(
      Data((labels ?? table).utf8), to: folder.url.appending(path: "labels.tsv"))
    return folder
  }

  @Test func `a tenth of each class is set apart by its path alone`() throws {
    let folder = try folder()
    let chips = try LabelledChips(contentsOf: folder.url, zoom: 4)
    #expect(chips.classes == ["bright", "dark"])
    #expect(chips.count == 24 && chips.unreadable.isEmpty)
    for label in 0..<2 {
      let tune = chips.indices(of: .tune).filter { chips.labels[$0] == label }
      let candidates = chips.paths.indices.filter {
        chips.labels[$0] == label && chips.splits[$0] != .val
      }
      let lowest = candidates.min {
        Digest.sha256(Data(chips.paths[$0].utf8)) < Digest.sha256(Data(chips.paths[$1].utf8))
      }
      #expect(tune == [try #require(lowest)])
    }
    #expect(chips.indices(of: .val).count == 4)
  }

  @Test func `low resolution is what a coarse scene would hold`() throws {
    let folder = try folder()
    let chips = try LabelledChips(contentsOf: folder.url, zoom: 4, wanted: [.val])
    let window = Window(
      bandCount: 3, height: 8, width: 8, samples: Array(chips.highSamples(1)))
    #expect(Array(chips.lowSamples(1)) == window.blockMean(zoom: 4).samples)
    // An 8 x 8 ramp, halved in the worked example; integers round half up.
    let ramp = Window(bandCount: 1, height: 8, width: 8, samples: (0..<64).map { UInt8($0) })
    let means = try GoldenVectors.shared.get().downsampling.area.flatMap { $0 }
    #expect(ramp.blockMean(zoom: 4).samples.map { Double($0) } == means.map { $0.rounded() })
  }

  @Test func `a picture that cannot be read is counted and named`() throws {
    let folder = try folder()
    for name in ["bright/0.png", "dark/3.png"] {
      try Data("no picture".utf8).write(to: folder.url.appending(path: name))
    }
    try PNG.write(
      Window(bandCount: 3, height: 4, width: 4, samples: [UInt8](repeating: 9, count: 48)),
      to: folder.url.appending(path: "bright/5.png"))
    let chips = try LabelledChips(contentsOf: folder.url, zoom: 4)
    #expect(chips.count == 21)
    #expect(
      chips.unreadable.map(\.path).sorted() == ["bright/0.png", "bright/5.png", "dark/3.png"])
    #expect(chips.unreadable.contains { $0.reason.contains("4 x 4") })
  }

  @Test(arguments: [
    ("path\tclass\n", "line 1"), ("path\tclass\tsplit\na.png\tx\n", "line 2"),
    ("path\tclass\tsplit\na.png\tx\ttest\n", "neither train nor val"),
    ("path\tclass\tsplit\na.png\tx\ttrain\n", "1 class"),
  ])
  func `a table of labels is refused with its line`(labels: String, words: String) throws {
    let folder = try folder(labels: labels)
    let error = #expect(throws: ModelError.self) {
      try LabelledChips(contentsOf: folder.url, zoom: 4)
    }
    #expect(error?.description.contains(words) == true, "\(String(describing: error))")
  }

  @Test func `a folder without labels is refused`() throws {
    let folder = try TemporaryFolder()
    #expect(throws: ModelError.noLabels(path: folder.url.path)) {
      try LabelledChips(contentsOf: folder.url, zoom: 4)
    }
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
}
