// SPDX-License-Identifier: Apache-2.0

import CGDAL

/// A colour as a screen shows it.
public struct Colour: Hashable, Sendable, Codable {
  /// Red, 0 to 255.
  public var red: UInt8
  /// Green, 0 to 255.
  public var green: UInt8
  /// Blue, 0 to 255.
  public var blue: UInt8

  /// A colour from its parts.
  public init(red: UInt8, green: UInt8, blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// The colour as HTML writes it, `#rrggbb`.
  public var html: String {
    "#"
      + [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

/// Names and colours of a class map's values: index 0 is the first.
///
/// In a file they are metadata items `CLASS_00`, `CLASS_01`, ... and the band's colour table.
///
/// ```swift
/// let classes = ClassTable(names: ["Forest", "River"])
/// ```
public struct ClassTable: Hashable, Sendable, Codable {
  /// The value that stands for no class.
  public static let noData: UInt8 = 255

  /// The names, by index.
  public let names: [String]
  /// The colours, by index.
  public let colours: [Colour]

  /// A table from names, with colours that are easy to tell apart where none are given.
  ///
  /// - Parameter names: at most 255.
  public init(names: [String], colours: [Colour]? = nil) {
    precondition(names.count <= Int(Self.noData), "a class map has at most 255 classes")
    precondition(colours.map { $0.count == names.count } ?? true, "one colour a class")
    self.names = names
    self.colours = colours ?? names.indices.map(Self.colour)
  }

  /// The first ten are apart in hue and brightness; further ones turn the hue by the golden angle.
  private static func colour(_ index: Int) -> Colour {
    let first: [UInt32] = [
      0xE6C8_46, 0x1464_28, 0x96C8_5A, 0x5A5A_5A, 0xAA3C_A0, 0xBEE6_78, 0xDC8C_28, 0xD232_32,
      0x3C82_DC, 0x1428_96,
    ]
    guard index >= first.count else {
      let rgb = first[index]
      return Colour(
        red: UInt8(rgb >> 16), green: UInt8(rgb >> 8 & 255), blue: UInt8(rgb & 255))
    }
    let hue = (Double(index) * 137.508).truncatingRemainder(dividingBy: 360)
    func part(_ offset: Double) -> UInt8 {
      let k = (offset + hue / 60).truncatingRemainder(dividingBy: 6)
      return UInt8(220 - 160 * max(0, min(k, 4 - k, 1)))
    }
    return Colour(red: part(5), green: part(3), blue: part(1))
  }

  /// The table of an open raster of one byte band, or nil where it has no `CLASS_nn` items.
  init?(of handle: GDALDatasetH) {
    guard GDALGetRasterCount(handle) == 1, let band = GDALGetRasterBand(handle, 1),
      GDALGetRasterDataType(band) == GDT_Byte
    else { return nil }
    var names: [String] = []
    while names.count < Int(Self.noData),
      let name = GDALGetMetadataItem(handle, Self.key(names.count), nil)
    {
      names.append(String(cString: name))
    }
    guard !names.isEmpty else { return nil }
    let table = GDALGetRasterColorTable(band)
    let colours = names.indices.map { index -> Colour in
      guard let entry = table.flatMap({ GDALGetColorEntry($0, Int32(index)) })?.pointee else {
        return Self.colour(index)
      }
      return Colour(
        red: UInt8(clamping: entry.c1), green: UInt8(clamping: entry.c2),
        blue: UInt8(clamping: entry.c3))
    }
    self.init(names: names, colours: colours)
  }

  /// The metadata key of a class: `CLASS_07`, `CLASS_107`.
  private static func key(_ index: Int) -> String { "CLASS_\(index < 10 ? "0" : "")\(index)" }

  /// Writes the table into a raster that is being made.
  func write(to handle: GDALDatasetH) {
    let table = GDALCreateColorTable(GPI_RGB)
    defer { GDALDestroyColorTable(table) }
    for (index, colour) in colours.enumerated() {
      var entry = GDALColorEntry(
        c1: Int16(colour.red), c2: Int16(colour.green), c3: Int16(colour.blue), c4: 255)
      GDALSetColorEntry(table, Int32(index), &entry)
    }
    let band = GDALGetRasterBand(handle, 1)
    GDALSetRasterColorTable(band, table)
    GDALSetRasterNoDataValue(band, Double(Self.noData))
    for (index, name) in names.enumerated() {
      GDALSetMetadataItem(handle, Self.key(index), name, nil)
    }
    GDALSetMetadataItem(handle, "CLASS_COUNT", String(names.count), nil)
  }
}
