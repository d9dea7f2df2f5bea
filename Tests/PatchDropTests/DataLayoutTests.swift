// SPDX-License-Identifier: Apache-2.0

import Foundation
import PatchDrop
import Raster
import TestSupport
import Testing

/// The layouts of published data sets, each from a folder and from an archive.
@Suite struct DataLayoutTests {
  /// A data set reads the same from its folder and from archives of it.
  private func chips(_ data: DataFixture, zoom: Int = 4) throws -> LabelledChips {
    let chips = try LabelledChips(contentsOf: data.url, zoom: zoom)
    for arguments in [["--format=ustar"], ["--format=gnu"], ["--format=posix"]] {
      let archive = try data.archive(arguments)
      #expect(try LabelledChips(contentsOf: archive, zoom: zoom).facts == chips.facts)
    }
    return chips
  }

  @Test func `CIFAR-10 as published`() throws {
    let data = try DataFixture()
    // Published archives have a folder around everything.
    let root = "cifar-10-batches-bin/"
    for batch in 1...2 {
      let records = (0..<10).map { DataFixture.record([UInt8($0 % 2)], seed: batch * 10 + $0) }
      try data.write("\(root)data_batch_\(batch).bin", Data(records.joined()))
    }
    try data.write(
      "\(root)test_batch.bin",
      DataFixture.record([1], seed: 70) + DataFixture.record([0], seed: 71))
    try data.write("\(root)batches.meta.txt", "frog\nairplane\n\n")
    try data.write("\(root)readme.html", "<p>")
    let chips = try chips(data)
    #expect(chips.classes == ["airplane", "frog"] && chips.count == 22)
    #expect(chips.side == 32 && chips.bandCount == 3)
    let third = try #require(chips.paths.firstIndex(of: "data_batch_2.bin#00003"))
    #expect(chips.classes[chips.labels[third]] == "airplane" && chips.splits[third] != .val)
    let expected = DataFixture.window(width: 32, height: 32, seed: 23)
    #expect(Array(chips.highSamples(third)) == expected.samples)
    #expect(
      chips.indices(of: .val).map { "\(chips.paths[$0]) \(chips.classes[chips.labels[$0]])" }
        == ["test_batch.bin#00000 airplane", "test_batch.bin#00001 frog"])
    #expect(chips.indices(of: .tune).count == 2)

    // A table beside the files decides classes and splits.
    try data.write(
      "\(root)labels.tsv",
      """
      path\tclass\tsplit
      test_batch.bin#00001\tamphibian\ttrain
      data_batch_2.bin#00003\tmachine\ttrain
      data_batch_1.bin#00000\tmachine\tval\n
      """)
    let named = try self.chips(data)
    #expect(named.classes == ["amphibian", "machine"] && named.count == 3)
    #expect(Array(named.highSamples(1)) == expected.samples)
  }

  @Test func `CIFAR-100 has its fine labels`() throws {
    let data = try DataFixture()
    for (name, count) in [("train.bin", 20), ("test.bin", 4)] {
      let records = (0..<count).map {
        DataFixture.record([9, UInt8($0 % 3)], seed: $0 + count)
      }
      try data.write(name, Data(records.joined()))
    }
    try data.write("fine_label_names.txt", "apple\nbear\nclock\n")
    try data.write("coarse_label_names.txt", "fruit\nanimal\nthing\n")
    let chips = try chips(data)
    #expect(chips.classes == ["apple", "bear", "clock"] && chips.count == 24)
    #expect(chips.indices(of: .val).map { chips.labels[$0] } == [0, 1, 2, 0])
    let sample = try #require(chips.paths.firstIndex(of: "train.bin#00007"))
    #expect(
      Array(chips.highSamples(sample))
        == DataFixture.window(width: 32, height: 32, seed: 27).samples)
  }

  @Test func `CIFAR's files are refused where they are not whole`() throws {
    let data = try DataFixture()
    let records = Data((0..<4).map { DataFixture.record([UInt8($0 % 3)], seed: $0) }.joined())
    try data.write("data_batch_1.bin", records)
    #expect(data.refusal().contains("has no batches.meta.txt"))
    try data.write("batches.meta.txt", "a\nb\n")
    #expect(data.refusal().contains("record 2 has the label 2"))
    try data.write("batches.meta.txt", "a\nb\nc\n")
    try data.write("data_batch_1.bin", records.dropLast())
    #expect(data.refusal().contains("no whole records of 3073"))
    try data.write("data_batch_1.bin", records)
    try data.write("labels.tsv", "path\tclass\ndata_batch_1.bin#0\ta\ndata_batch_1.bin#4\tb\n")
    #expect(data.refusal().contains("data_batch_1.bin has 4 records"))
  }

  @Test func `ImageNet's folders`() throws {
    let data = try DataFixture()
    for (number, name) in ["n01440764", "n01443537"].enumerated() {
      for image in 0..<10 {
        try data.picture("ILSVRC/train/\(name)/\(name)_\(image).PNG", seed: number * 10 + image)
      }
      try data.picture("ILSVRC/val/\(name)/ILSVRC2012_val_\(number).PNG", seed: 90 + number)
    }
    try data.write("ILSVRC/LOC_synset_mapping.txt", "n01440764 tench\n")
    let chips = try chips(data)
    #expect(chips.classes == ["n01440764", "n01443537"])
    #expect(DataSplit.allCases.map { chips.indices(of: $0).count } == [18, 2, 2])
    #expect(chips.paths[chips.indices(of: .val)[1]] == "val/n01443537/ILSVRC2012_val_1.PNG")

    // With a part for choosing and one for reporting none is taken from train.
    try data.picture("ILSVRC/test/n01440764/1.png", seed: 95)
    let three = try LabelledChips(contentsOf: data.url, zoom: 4)
    #expect(DataSplit.allCases.map { three.indices(of: $0).count } == [20, 2, 1])

    try data.picture("ILSVRC/val/ILSVRC2012_val_7.PNG")
    #expect(data.refusal().contains("lies in no class's folder of val"))
  }

  @Test func `fMoW's tables as the paper's code reads them`() throws {
    let data = try DataFixture()
    for number in 0..<12 {
      try data.picture("train/airport/a, \(number).png", seed: number)
      try data.picture("train/barn/\"\(number)\".png", seed: 20 + number)
      if number < 2 { try data.picture("test/\(number).png", seed: 50 + number) }
    }
    let rows = (0..<12).map {
      "\($0),10,\"train/airport/a, \($0).png\"\r\n\($0),2,\"train/barn/\"\"\($0)\"\".png\"\r\n"
    }
    try data.write("train.csv", ",label,location\r\n" + rows.joined())
    try data.write("test.csv", "label,location\n2,./test/0.png\n10,test/1.png")
    let chips = try chips(data)
    // Numbers sort as numbers do.
    #expect(chips.classes == ["2", "10"] && chips.count == 26 && chips.unreadable.isEmpty)
    #expect(chips.indices(of: .val).map { chips.paths[$0] } == ["test/0.png", "test/1.png"])
    #expect(chips.indices(of: .val).map { chips.labels[$0] } == [0, 1])
    let quoted = try #require(chips.paths.firstIndex(of: "train/barn/\"3\".png"))
    #expect(Array(chips.highSamples(quoted)) == DataFixture.window(seed: 23).samples)
  }

  @Test(arguments: [
    ("label,location\n1,a.png,x\n", "line 2: 3 fields, not 2"),
    ("label,location\n1,\"a.png\n", "line 2: a quote is not closed"),
    ("label,location\n1,\"a\"b\n", "line 2: text follows a closing quote"),
    ("label,location\n\n1,a.png\n2,a.png\n", "line 4: a.png stands in train.csv, line 3, already"),
    ("label,location\n,a.png\n", "line 2: the label or the location is empty"),
    ("label,location\n1,a.png\n2,b.png\n", "train.csv names it, but there is no such file"),
    ("class,file\n1,a.png\n", "nor a train.csv with the columns label and location"),
  ])
  func `a table of locations is refused with its line`(table: String, words: String) throws {
    let data = try DataFixture()
    try data.write("train.csv", table)
    #expect(data.refusal().contains(words), "\(data.refusal())")
  }
}
