// SPDX-License-Identifier: Apache-2.0

import Foundation
import PatchDrop
import Platform
import Raster
import TestSupport
import Testing

/// Images that are brought to one size, and their low resolution.
@Suite struct DataSizeTests {
  @Test func `mixed sizes are counted, and a side brings them together`() throws {
    let data = try DataFixture()
    try data.twoClasses()
    for number in 0..<4 { try data.picture("dark/wide\(number).png", width: 20, height: 12) }
    let words = data.refusal()
    #expect(words.contains("mixed sizes: 4 of 28 are not 8 x 8"), "\(words)")
    #expect(words.contains("20 x 12") && words.contains("side_px"))
    let chips = try LabelledChips(
      contentsOf: data.url, zoom: 2, options: DataOptions(sidePixels: 6))
    #expect(chips.side == 6 && chips.count == 28 && chips.unreadable.isEmpty)
    let wide = try #require(chips.paths.firstIndex(of: "dark/wide1.png"))
    // The middle 12 of 20 columns, halved.
    let middle = DataFixture.window(width: 20, height: 12).samples
    let crop = (0..<36).flatMap { row in middle[row * 20 + 4..<row * 20 + 16] }
    let halved = Window(bandCount: 3, height: 12, width: 12, samples: crop).blockMean(zoom: 2)
    for (ours, mean) in zip(chips.highSamples(wide), halved.samples) {
      #expect(abs(Int(ours) - Int(mean)) <= 1)
    }
  }

  @Test func `a side that fits changes nothing`() throws {
    let data = try DataFixture()
    try data.twoClasses()
    let plain = try LabelledChips(contentsOf: data.url, zoom: 4)
    let sized = try LabelledChips(
      contentsOf: data.url, zoom: 4, options: DataOptions(sidePixels: 8))
    #expect(plain.facts == sized.facts)
    #expect(data.refusal(options: DataOptions(sidePixels: 10)).contains("side of 10 pixels"))
    #expect(data.refusal(zoom: 3).contains("no square of whole blocks of 3"))
  }

  @Test func `growing is bilinear and shrinking is the mean`() throws {
    let flat = Window(bandCount: 1, height: 3, width: 3, samples: [UInt8](repeating: 77, count: 9))
    #expect(try flat.centreSquare(side: 7).samples.allSatisfy { $0 == 77 })
    let step = Window<UInt8>(
      bandCount: 1, height: 2, width: 4, samples: [9, 0, 100, 9, 9, 0, 100, 9])
    let grown = try step.centreSquare(side: 4).samples
    // A quarter of the neighbour, also of the one that the crop leaves out.
    #expect(grown.prefix(4) == [2, 25, 75, 77])
    let noise = Window(
      bandCount: 1, height: 12, width: 12, samples: (0..<144).map { UInt8($0 * 89 % 256) })
    let shrunk = try noise.centreSquare(side: 3).samples
    for (ours, mean) in zip(shrunk, noise.blockMean(zoom: 4).samples) {
      #expect(abs(Int(ours) - Int(mean)) <= 1)
    }
  }

  @Test func `grey pictures and ones with a palette join coloured ones`() throws {
    let data = try DataFixture()
    try data.twoClasses()
    try data.picture("dark/grey.png", bandCount: 1, seed: 5)
    let colours = ClassTable(
      names: ["blue", "red"],
      colours: [Colour(red: 0, green: 0, blue: 255), Colour(red: 200, green: 20, blue: 2)])
    var palette = try GeoTIFFWriter(
      url: data.url.appending(path: "dark/palette.tif"), classes: colours, width: 8, height: 8,
      crs: "EPSG:32632", transform: GeoTransform(originX: 0, originY: 0, pixelSize: 1))
    try palette.write(
      Window(bandCount: 1, height: 8, width: 8, samples: [UInt8](repeating: 1, count: 64)),
      column: 0, row: 0)
    try palette.finish()
    let chips = try LabelledChips(contentsOf: data.url, zoom: 4)
    let grey = try #require(chips.paths.firstIndex(of: "dark/grey.png"))
    let red = try #require(chips.paths.firstIndex(of: "dark/palette.tif"))
    #expect(
      Array(chips.highSamples(red))
        == [200, 20, 2].flatMap { [UInt8](repeating: $0, count: 64) })
    let plane = DataFixture.window(bandCount: 1, seed: 5).samples
    #expect(Array(chips.highSamples(grey)) == plane + plane + plane)
  }

  @Test func `low resolution is what a coarse scene would hold`() throws {
    let data = try DataFixture()
    try data.twoClasses()
    let chips = try LabelledChips(contentsOf: data.url, zoom: 4, wanted: [.val])
    let window = Window(
      bandCount: 3, height: 8, width: 8, samples: Array(chips.highSamples(1)))
    #expect(Array(chips.lowSamples(1)) == window.blockMean(zoom: 4).samples)
    // An 8 x 8 ramp, halved in the worked example; integers round half up.
    let ramp = Window(bandCount: 1, height: 8, width: 8, samples: (0..<64).map { UInt8($0) })
    let means = try GoldenVectors.shared.get().downsampling.area.flatMap { $0 }
    #expect(ramp.blockMean(zoom: 4).samples.map { Double($0) } == means.map { $0.rounded() })
  }

  @Test func `nearest takes the north-western pixel of each block`() throws {
    let data = try DataFixture()
    try data.twoClasses()
    let chips = try LabelledChips(
      contentsOf: data.url, zoom: 4, options: DataOptions(lowSource: .nearest))
    for index in [0, 13] {
      let high = Array(chips.highSamples(index))
      let corners = (0..<3).flatMap { band in
        [0, 4, 32, 36].map { high[band * 64 + $0] }
      }
      #expect(Array(chips.lowSamples(index)) == corners)
    }
    let nearest = try GoldenVectors.shared.get().downsampling.nearest.flatMap { $0 }
    let ramp = Window(bandCount: 1, height: 8, width: 8, samples: (0..<64).map { UInt8($0) })
    #expect(
      LowResolutionSource.nearest.low(of: ramp, zoom: 4).samples.map { Double($0) } == nearest)
  }
}
