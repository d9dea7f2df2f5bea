// SPDX-License-Identifier: Apache-2.0

import Foundation

extension TIFFHeaderReader {
  // MARK: Nodata

  /// The longest text of a nodata value; a 64-bit number has at most about 25 characters.
  private static let longestNumber = 64

  /// The number in GDAL's nodata tag.
  ///
  /// A text that is no number is refused: readers make 0 of it, or nothing, and nobody knows what its
  /// writer meant.
  func noData() throws(RasterError) -> Double? {
    guard let entry = picture.entry(.noData) else { return nil }
    let bytes = try structure.text(of: entry, in: file).prefix { $0 != 0 }
    let text =
      bytes.count <= Self.longestNumber
      ? String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespaces) : nil
    if text == "" { return nil }
    guard let text, let number = Self.number(text) else {
      throw .unsupported(
        reason: "\(entry.words) is no number",
        remedy: "Set one with gdal_edit.py -a_nodata VALUE, or none with gdal_edit.py -unsetnodata."
      )
    }
    return number
  }

  /// A decimal number, or one of the ways in which C libraries print NaN and infinity.
  static func number(_ text: String) -> Double? {
    let plain = text.lowercased()
    let unsigned = plain.hasPrefix("-") || plain.hasPrefix("+") ? String(plain.dropFirst()) : plain
    if ["nan", "1.#qnan", "1.#ind", "1.#snan", "nan(ind)"].contains(unsigned) { return .nan }
    if ["inf", "infinity", "1.#inf"].contains(unsigned) {
      return plain.hasPrefix("-") ? -.infinity : .infinity
    }
    // No hexadecimal and no words: what is left is read alike by everybody.
    guard plain.allSatisfy({ "0123456789+-.e".contains($0) }) else { return nil }
    return Double(plain)
  }

  // MARK: Place

  /// No number of a place is larger: the radius of the Earth has seven digits.
  private static let largestNumber = 1e15

  /// The tags about the place, copied with every number checked.
  func geoTags() throws(RasterError) -> GeoTags {
    var tags = GeoTags()
    tags.pixelScale = try doubles(.pixelScale, counts: 2...3)
    if let entry = picture.entry(.tiePoints) {
      guard entry.count > 0, entry.count % 6 == 0 else {
        throw .malformed(reason: "\(entry.words) has \(entry.count) values, not six a point")
      }
      tags.tiePointCount = Int(entry.count / 6)
      tags.tiePoint = Array(try checked(entry).prefix(6))
    }
    tags.matrix = try doubles(.transformation, counts: 16...16)
    tags.numbers = try doubles(.geoNumbers, counts: 0...256)
    if let entry = picture.entry(.geoTexts) {
      tags.texts = try structure.text(of: entry, in: file)
    }
    tags.keys = try geoKeys()
    tags.hasRationalPolynomials = picture.entry(.rationalPolynomials) != nil
    return tags
  }

  private func doubles(
    _ tag: TIFFTag, counts: ClosedRange<UInt64>
  ) throws(RasterError) -> [Double] {
    guard let entry = picture.entry(tag) else { return [] }
    guard counts.contains(entry.count) else {
      throw .malformed(reason: "\(entry.words) has \(entry.count) values")
    }
    return try checked(entry)
  }

  private func checked(_ entry: TIFFStructure.Entry) throws(RasterError) -> [Double] {
    let values = try structure.doubles(of: entry, in: file)
    if let wrong = values.first(where: { !($0.magnitude <= Self.largestNumber) }) {
      throw .georeference(
        reason: "\(entry.words) holds \(wrong), which is no place on the Earth",
        remedy: "Set the right corners with gdal_edit.py -a_ullr.")
    }
    return values
  }

  /// The tags that keys may point into: further keys, numbers, texts.
  private static let keyTags: [UInt64] = [34735, 34736, 34737]

  /// The keys of the coordinate system, which must point into the tags that hold their values.
  private func geoKeys() throws(RasterError) -> [UInt16] {
    guard let entry = picture.entry(.geoKeys) else { return [] }
    guard entry.type == 3 else {
      throw .malformed(reason: "\(entry.words) is of type \(entry.type), not of 16-bit numbers")
    }
    let numbers = try structure.integers(of: entry, in: file)
    guard numbers.count >= 4, numbers[0] == 1, numbers[3] <= (numbers.count - 4) / 4 else {
      throw .malformed(reason: "\(entry.words) claims more keys than it has")
    }
    let keyCount = Int(numbers[3])
    for key in 0..<keyCount {
      let (tag, count, offset) = (numbers[5 + 4 * key], numbers[6 + 4 * key], numbers[7 + 4 * key])
      // Tag 0 means that the value is in the key itself.
      guard tag != 0 else { continue }
      guard Self.keyTags.contains(tag),
        let values = picture.entries.first(where: { UInt64($0.tag) == tag }),
        offset + count <= values.count
      else {
        throw .malformed(
          reason: "key \(numbers[4 + 4 * key]) of \(entry.words) points outside tag \(tag)")
      }
    }
    return numbers.prefix(4 + 4 * keyCount).map { UInt16(truncatingIfNeeded: $0) }
  }

  // MARK: Date

  /// When the picture was taken: what GDAL's metadata call the acquisition, else the file's date.
  ///
  /// The file's date (tag 306) is the time of processing where a writer means it so. A date that
  /// cannot be read is none.
  func acquisitionDate() -> Date? {
    if let entry = picture.entry(.metadata), let bytes = try? structure.text(of: entry, in: file),
      let text = Self.item("ACQUISITIONDATETIME", of: bytes), let date = Self.date(text)
    {
      return date
    }
    guard let entry = picture.entry(.dateTime), entry.count <= 64,
      let bytes = try? structure.text(of: entry, in: file)
    else { return nil }
    return Self.date(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
  }

  /// The text of an item of GDAL's metadata; found without an XML parser, which has no business here.
  private static func item(_ name: String, of bytes: [UInt8]) -> String? {
    let data = Data(bytes)
    guard let head = data.range(of: Data("name=\"\(name)\"".utf8)),
      let start = data.range(of: Data(">".utf8), in: head.upperBound..<data.endIndex),
      let end = data.range(of: Data("<".utf8), in: start.upperBound..<data.endIndex),
      end.lowerBound - start.upperBound <= 64
    else { return nil }
    return String(decoding: data[start.upperBound..<end.lowerBound], as: UTF8.self)
  }

  /// `2016:01:12 16:02:03` as TIFF writes it, or the same with other signs between; UTC.
  static func date(_ text: String) -> Date? {
    let parts = text.split { !"0123456789".contains($0) }
    guard text.allSatisfy({ "0123456789:-/.TZ ".contains($0) }), (3...7).contains(parts.count),
      parts[0].count == 4, parts.dropFirst().prefix(5).allSatisfy({ $0.count <= 2 })
    else { return nil }
    var components = DateComponents()
    components.calendar = Calendar(identifier: .gregorian)
    components.timeZone = TimeZone(secondsFromGMT: 0)
    let numbers = parts.prefix(6).compactMap { Int($0) } + [0, 0, 0]
    (components.year, components.month, components.day) = (numbers[0], numbers[1], numbers[2])
    (components.hour, components.minute) = (numbers[3], numbers[4])
    components.second = numbers[5]
    guard (1900...2200).contains(numbers[0]), components.isValidDate else { return nil }
    return components.date
  }
}
