// SPDX-License-Identifier: Apache-2.0

import Foundation
import PatchDrop
import Platform
import Raster
import TestSupport
import Testing

/// Decoded images that are kept for the next time.
@Suite struct DataCacheTests {
  private let data: DataFixture
  private let cache: TemporaryFolder

  init() throws {
    (data, cache) = (try DataFixture(), try TemporaryFolder())
    try data.write("labels.tsv", data.twoClasses())
  }

  /// Reads the data set; returns whether any image had to be decoded.
  private func read(
    wanted: Set<DataSplit> = Set(DataSplit.allCases), zoom: Int = 4, from url: URL? = nil,
    options: DataOptions? = nil
  ) throws -> (chips: LabelledChips, decoded: Bool) {
    var decoded = false
    let chips = try LabelledChips(
      contentsOf: url ?? data.url, zoom: zoom, wanted: wanted,
      options: options ?? DataOptions(cache: cache.url)
    ) { _, _ in
      decoded = true
      return true
    }
    return (chips, decoded)
  }

  private var files: [URL] {
    get throws {
      try FileManager.default.contentsOfDirectory(at: cache.url, includingPropertiesForKeys: nil)
    }
  }

  @Test func `mapped images are the decoded ones`() throws {
    try data.write("dark/2.png", "no picture")
    let plain = try LabelledChips(contentsOf: data.url, zoom: 4)
    let first = try read()
    let second = try read()
    #expect(first.decoded && !second.decoded)
    for (chips, _) in [first, second] {
      #expect(chips.facts == plain.facts && chips.classes == plain.classes)
      #expect(chips.unreadable.map(\.path) == ["dark/2.png"] && chips.cacheWarning == nil)
      #expect(chips.unreadable.map(\.reason) == plain.unreadable.map(\.reason))
    }
    #expect(try files.count == 1)
    // Another zoom and another source need no decoding.
    let coarse = try read(zoom: 8, options: DataOptions(lowSource: .nearest, cache: cache.url))
    #expect(!coarse.decoded && coarse.chips.lowSamples(0).count == 3)
    // Other splits and another side have a file of their own.
    #expect(try read(wanted: [.val]).decoded && read(wanted: [.val]).chips.count == 4)
    #expect(try read(options: DataOptions(sidePixels: 4, cache: cache.url)).decoded)
    #expect(try files.count == 3)
    #expect(throws: DataSetError.self) { try read(zoom: 3) }
  }

  @Test func `a data set that changed is decoded again`() throws {
    #expect(try read().decoded)
    try data.picture("dark/0.png", seed: 200)
    let changed = try read()
    #expect(changed.decoded)
    #expect(try !read().decoded)
    #expect(Array(changed.chips.highSamples(0)) == DataFixture.window(seed: 200).samples)
    try data.write(
      "labels.tsv", data.twoClasses().replacing("9.png\tdark\ttrain", with: "9.png\tdark\tval"))
    #expect(try read().chips.indices(of: .val).count == 5)
    #expect(try files.count == 1)
    let archive = try data.archive()
    #expect(try read(from: archive).decoded)
    #expect(try !read(from: archive).decoded)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: archive.path)
    #expect(try read(from: archive).decoded)
  }

  @Test func `a damaged file is replaced`() throws {
    let plain = try read().chips.facts
    let file = try #require(files.first)
    let whole = try Data(contentsOf: file)
    var damages: [Data] = [Data(), whole.dropLast(), whole + Data([0]), whole.prefix(100)]
    // The magic, the format, the fingerprint, a length, the table.
    for place in [0, 12, 20, 150, whole.count - 3] {
      var bytes = whole
      bytes[place] ^= 1
      damages.append(bytes)
    }
    for bytes in damages {
      try bytes.write(to: file)
      let mended = try read()
      #expect(mended.decoded && mended.chips.facts == plain)
      #expect(try Data(contentsOf: file) == whole)
    }
  }

  @Test func `without a place for it the images stay in memory`() throws {
    let plain = try LabelledChips(contentsOf: data.url, zoom: 4).facts
    // A file where the folder should be: refused to the superuser as well.
    let blocked = data.url.appending(path: "labels.tsv")
    for folder in [blocked, URL(filePath: "/proc/fovea"), URL(filePath: "/dev/full/fovea")] {
      let (chips, decoded) = try read(options: DataOptions(cache: folder))
      #expect(decoded && chips.facts == plain)
      #expect(chips.cacheWarning?.contains("Check the path") == true)
    }
  }

  @Test func `a run that stopped leaves nothing, and is not in the way`() throws {
    #expect(throws: CancellationError.self) {
      try LabelledChips(
        contentsOf: data.url, zoom: 4, options: DataOptions(cache: cache.url)
      ) { _, _ in false }
    }
    #expect(try files.isEmpty)
    #expect(try read().decoded)
    let name = try #require(files.first).lastPathComponent
    // What a killed run leaves goes with the next writing, unless it may still be written.
    for (part, age) in [("old", -7200.0), ("new", -10)] {
      let url = cache.url.appending(path: ".\(name).\(part).part")
      try Data([1]).write(to: url)
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: age)], ofItemAtPath: url.path)
    }
    try data.picture("dark/0.png", seed: 201)
    #expect(try read().decoded)
    #expect(try files.map(\.lastPathComponent).sorted() == [".\(name).new.part", name])
  }

  @Test func `the user's folder follows the XDG rules`() {
    func folder(_ environment: [String: String]) -> String? {
      DataOptions.userCache(environment: environment)?.path
    }
    #expect(folder(["XDG_CACHE_HOME": "/c", "HOME": "/h"]) == "/c/fovea")
    #expect(folder(["XDG_CACHE_HOME": "c", "HOME": "/h"]) == "/h/.cache/fovea")
    #expect(folder(["XDG_CACHE_HOME": ""]) == nil)
  }
}
