// SPDX-License-Identifier: Apache-2.0

import Foundation
public import Raster

/// Colours for the classes of a map, the same in `classes.tif` and on the page.
///
/// A class whose name speaks of forest, water, crops and the like gets the colour that maps give
/// it; the others get what is left. The colours differ in lightness as well as in hue, so that
/// they stay apart in print and for readers who tell few hues apart.
///
/// ```swift
/// let table = ClassPalette.table(for: ["Forest", "River"])
/// ```
public enum ClassPalette {
  /// Names and colours of the classes, by index; the same names always get the same colours.
  public static func table(for names: [String]) -> ClassTable {
    var free = entries
    var colours = [Colour?](repeating: nil, count: names.count)
    for (index, name) in names.enumerated() {
      let name = name.lowercased()
      // The longest word wins: PermanentCrop is an orchard before it is a crop.
      let matches = free.indices.compactMap { entry -> (entry: Int, length: Int)? in
        let words = free[entry].words.filter { name.contains($0) }
        return words.map(\.count).max().map { (entry, $0) }
      }
      guard let longest = matches.map(\.length).max(),
        let match = matches.first(where: { $0.length == longest })
      else { continue }
      colours[index] = free.remove(at: match.entry).colour
    }
    var rest = free.map(\.colour)
    return ClassTable(
      names: names,
      colours: colours.enumerated().map { index, colour in
        colour ?? (rest.isEmpty ? turned(index) : rest.removeFirst())
      })
  }

  private struct Entry {
    let colour: Colour
    let words: [String]

    init(_ rgb: UInt32, _ words: String...) {
      colour = Colour(
        red: UInt8(rgb >> 16 & 255), green: UInt8(rgb >> 8 & 255), blue: UInt8(rgb & 255))
      self.words = words
    }
  }

  private static let entries = [
    Entry(0x1B6B3A, "forest", "wood", "tree"),
    Entry(0x58A6E0, "river", "stream", "canal"),
    Entry(0xD2423C, "residential", "urban", "built"),
    Entry(0xE3BB45, "crop", "agricultur", "farm"),
    Entry(0x8C4FA0, "industrial", "storage", "commercial"),
    Entry(0x55565F, "highway", "freeway", "road"),
    Entry(0x8FC06A, "herbaceous", "vegetation", "grass"),
    Entry(0x1D4E9E, "sea", "lake", "water", "ocean"),
    Entry(0xC4772E, "permanentcrop", "orchard", "vineyard"),
    Entry(0xCFE08A, "pasture", "golf", "meadow"),
    Entry(0x17A79B, "harbor", "harbour", "port", "wetland"),
    Entry(0xE86FB5, "airplane", "plane"),
    Entry(0xF2DFB0, "beach", "sand", "desert", "bare"),
    Entry(0x7A6A3A, "chaparral", "shrub", "heath"),
    Entry(0xF29C96, "sparseresidential", "village"),
    Entry(0x8F1D2C, "denseresidential", "city"),
    Entry(0xA3A5AD, "parking"),
    Entry(0x6E8CA8, "runway", "airport"),
    Entry(0xFF8F1F, "court", "sport"),
    Entry(0xB79BE8, "mobilehome", "camp"),
    Entry(0x2B2B33, "overpass", "bridge", "rail"),
    Entry(0xC9A07A, "building", "house"),
    Entry(0x7FDCC8, "diamond", "stadium"),
    Entry(0x5B3FC4, "intersection", "junction"),
    Entry(0xA8B400, "quarry", "mine"),
  ]

  // Past the list the hue turns by the golden angle, which never comes close to itself again soon.
  private static func turned(_ index: Int) -> Colour {
    let hue = (Double(index) * 137.508).truncatingRemainder(dividingBy: 360)
    let (light, depth) = index % 2 == 0 ? (225.0, 150.0) : (150.0, 110.0)
    func part(_ offset: Double) -> UInt8 {
      let turn = (offset + hue / 60).truncatingRemainder(dividingBy: 6)
      return UInt8(light - depth * max(0, min(turn, 4 - turn, 1)))
    }
    return Colour(red: part(5), green: part(3), blue: part(1))
  }
}
