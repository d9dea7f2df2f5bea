// SPDX-License-Identifier: Apache-2.0

package import Platform

/// Spoils a TIFF before it is written: fields at their bounds, tables and texts that lie.
package struct HostileTIFF {
  private var file: TIFFFile
  private var generator: SeededGenerator

  /// A spoiled file, and what was done to it.
  package static func spoil(
    _ file: TIFFFile, using generator: inout SeededGenerator
  ) -> (file: TIFFFile, changes: [String]) {
    var hostile = HostileTIFF(file: file, generator: generator)
    let count = Int.random(in: 1...2, using: &hostile.generator)
    let changes = (0..<count).map { _ in hostile.change() }
    generator = hostile.generator
    return (hostile.file, changes)
  }

  private mutating func change() -> String {
    switch roll(16) {
    case 0..<5: changeEntry()
    case 5..<7: changeShape()
    case 7: changeTable()
    case 8: changePlace()
    case 9: changeGeoKeys()
    case 10: changeText()
    case 11: changeHeader()
    case 12: changeDirectory()
    case 13: changeLinks()
    default: changePixels()
    }
  }

  private mutating func roll(_ count: Int) -> Int {
    Int.random(in: 0..<max(1, count), using: &generator)
  }

  private mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[roll(elements.count)]
  }

  /// A number at the edge of what a field, a type or the file holds.
  private mutating func bound() -> UInt64 {
    let end = UInt64(file.bytes().count)
    let powers: [UInt64] = [7, 8, 14, 15, 16, 31, 32, 61, 62, 63].map { 1 << $0 }
    let small: [UInt64] = [0, 1, 2, 3, 7, 9, 15, 17]
    let other: [UInt64] = [.max, .max - 15, end, end - 1, end + 1, end / 2, generator.next()]
    return pick(small + other + powers + powers.map { $0 - 1 } + powers.map { $0 + 1 })
  }

  private mutating func real() -> Double {
    pick([
      .nan, .signalingNaN, .infinity, -.infinity, 0, -0.0, -10, .leastNonzeroMagnitude, 1e-300,
      1e308, -1e308,
      1e15, 1e9, 1e7, 0.001, 89.9, 180, 360, Double(bitPattern: generator.next()),
    ])
  }

  /// Changes one value of an entry of the given tag, or any of its fields; puts a new entry in
  /// where there is none.
  private mutating func edit(
    _ tag: UInt16, _ change: (inout TIFFFile.Entry) -> Void
  ) {
    guard !file.directories.isEmpty else { return }
    let directory = roll(4) == 0 ? roll(file.directories.count) : 0
    let entries = file.directories[directory].entries
    if let index = entries.firstIndex(where: { $0.tag == tag }) {
      change(&file.directories[directory].entries[index])
    } else {
      var entry = TIFFFile.Entry(tag, 3, .integers([1]))
      change(&entry)
      let place = entries.firstIndex { $0.tag > tag } ?? entries.count
      file.directories[directory].entries.insert(entry, at: place)
    }
  }

  private mutating func changeEntry() -> String {
    let tags = file.directories.first?.entries.map(\.tag) ?? []
    let tag = roll(3) == 0 ? pick([254, 266, 317, 318, 320, 330, 338, 347, 42112]) : pick(tags)
    let value = bound()
    switch roll(4) {
    case 0:
      let type = UInt16(pick([0, 1, 2, 4, 5, 6, 7, 9, 11, 12, 13, 14, 16, 17, 18, 19, 99, 65_535]))
      edit(tag) { $0.type = type }
      return "tag \(tag) of type \(type)"
    case 1:
      edit(tag) { $0.count = value }
      return "tag \(tag) with count \(value)"
    case 2:
      edit(tag) { $0.field = value }
      return "tag \(tag) with its last field \(value)"
    default:
      edit(tag) { $0.values = .integers([value]) }
      return "tag \(tag) of \(value)"
    }
  }

  /// Sizes and kinds, with the type that holds any value.
  private mutating func changeShape() -> String {
    let tag: UInt16 = pick([
      254, 256, 257, 258, 259, 262, 266, 277, 278, 284, 317, 322, 323, 338, 339, 530,
    ])
    let near: [UInt64] = [
      0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 24, 32, 33, 64, 128, 1024, 4096, 16_384, 16_385, 32_773,
      32_946, 34_677, 34_887, 34_925, 50_000, 50_001, 65_000, 65_535, 100_000,
    ]
    let value = roll(3) == 0 ? bound() : pick(near)
    let count = roll(4) == 0 ? roll(5) : 1
    edit(tag) {
      $0.type = 4
      $0.values = .integers([UInt64](repeating: value, count: count))
    }
    return "tag \(tag) of \(count) times \(value)"
  }

  private mutating func changeTable() -> String {
    let tag: UInt16 = pick([273, 279, 324, 325])
    guard let entry = file.directories.first?.entries.first(where: { $0.tag == tag }),
      case .integers(var values) = entry.values, !values.isEmpty
    else {
      let value = bound()
      edit(tag) { $0.values = .integers([value]) }
      return "table \(tag) beside the other"
    }
    let (index, value) = (roll(values.count), bound())
    switch roll(4) {
    case 0: values.removeLast()
    case 1: values += [UInt64](repeating: value, count: 1 + roll(3000))
    case 2: values = [UInt64](repeating: values[index], count: values.count)
    default: values[index] = value
    }
    edit(tag) { $0.values = .integers(values) }
    return "table \(tag) of \(values.count), number \(index) at \(value)"
  }

  private mutating func changePlace() -> String {
    let tag: UInt16 = pick([33550, 33922, 34264])
    let count = pick([0, 1, 2, 3, 6, 7, 12, 16, 24, 600])
    var values: [Double] = [10, 10, 0, 640_130, 5_330_410, 0]
    if tag == 34264 { values = [10, 0, 0, 640_130, 0, -10, 0, 5_330_410, 0, 0, 0, 0, 0, 0, 0, 1] }
    if tag == 33922 { values = [0, 0, 0, 640_130, 5_330_410, 0] }
    if roll(2) == 0 { values = (0..<count).map { _ in 10 } }
    if !values.isEmpty {
      let index = roll(values.count)
      values[index] = real()
    }
    edit(tag) {
      $0.type = 12
      $0.values = .doubles(values)
    }
    return "tag \(tag) of \(values.prefix(16))"
  }

  private mutating func changeGeoKeys() -> String {
    var keys: [UInt64] = [
      1, 1, 0, 6, 1024, 0, 1, 1, 1025, 0, 1, 1, 1026, 34737, 4, 0, 2057, 34736, 1, 0, 3072, 0, 1,
      32632, 3076, 0, 1, 9001,
    ]
    for _ in 0...roll(3) {
      let value =
        roll(2) == 0
        ? bound()
        : pick([
          2, 3, 1024, 2048, 2050, 3073, 3074, 3075, 3080, 34735, 34736, 34737, 4326, 4978, 3857,
          5773, 32_767, 9102, 30110, 2263,
        ])
      keys[roll(keys.count)] = value & 0xFFFF
    }
    let reals = [real(), real()]
    let text = pick(Self.texts)
    edit(34735) { $0.values = .integers(keys) }
    edit(34736) { ($0.type, $0.values) = (12, .doubles(reals)) }
    edit(34737) { ($0.type, $0.values) = (2, .bytes(Array(text.utf8) + [0])) }
    return "geo keys \(keys)"
  }

  private static let texts: [String] =
    [
      "", "nan", "inf", "-1e999", "0x10", "1,5", "1e308", " 7 ", "$(reboot)", "\u{1B}[2J\n\r7",
      "99999999999999999999999999", "-9223372036854775809", "7\u{0}8", "%s%n%x", "/etc/passwd",
      String(repeating: "9", count: 40_000), String(repeating: "|", count: 300),
    ] + metadata
  /// Texts that name other files, or are costly to read.
  private static let metadata: [String] = {
    func item(_ name: String, _ domain: String, _ value: String) -> String {
      "<Item name=\"\(name)\" domain=\"\(domain)\">\(value)</Item>"
    }
    let (link, secret) = ("/vsicurl/http://127.0.0.1:9/x.tif", "/etc/passwd")
    let deep = String(repeating: "<a>", count: 3000)
    return [
      item("OVERVIEW_FILE", "OVERVIEWS", link), item("OVERVIEW_FILE", "OVERVIEWS", secret),
      item("OVERVIEW_FILE", "OVERVIEWS", "http://127.0.0.1:9/x"),
      item("X_DATASET", "GEOLOCATION", link) + item("Y_DATASET", "GEOLOCATION", secret)
        + item("PIXEL_STEP", "GEOLOCATION", "1") + item("SRS", "GEOLOCATION", secret),
      item("LINE_OFF", "RPC", "nan"), "<Item name=\"A\" sample=\"99999\" role=\"scale\">0</Item>",
      "<Item name=\"SCALE\" sample=\"0\" role=\"scale\">nan</Item>",
      "<Item name=\"OFFSET\" sample=\"0\" role=\"offset\">1e309</Item>",
      "<Item name=\"SCALE\" sample=\"-1\" role=\"scale\">-1</Item>",
      "<Item name=\"D\" sample=\"0\" role=\"description\">\u{1B}]0;owned\u{7}</Item>", deep,
      "<Item name=\"NBITS\" sample=\"0\" domain=\"IMAGE_STRUCTURE\">64</Item>",
      "<Item name=\"PIXELTYPE\" domain=\"IMAGE_STRUCTURE\">SIGNEDBYTE</Item>",
    ].map { "<GDALMetadata>\($0)</GDALMetadata>" } + [
      "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><GDALMetadata>"
        + "<Item name=\"LEAK\">&x;</Item></GDALMetadata>",
      "<GDALMetadata><Item", "<VRTDataset/>",
      "ESRI PE String = GEOGCS[\"a\",DATUM[\"b\",SPHEROID[\"c\",1,0]],PRIMEM[\"d\",0],"
        + "UNIT[\"e\",1],EXTENSION[\"PROJ4\",\"+proj=utm +nadgrids=/etc/passwd\"]]",
    ]
  }()

  private mutating func changeText() -> String {
    let tag: UInt16 = pick([270, 305, 306, 33432, 34737, 42112, 42112, 42112, 42113, 42113, 50844])
    let text = tag == 42112 ? pick(Self.metadata) : pick(Self.texts)
    let isEnded = roll(4) > 0
    edit(tag) {
      $0.type = 2
      $0.values = .bytes(Array(text.utf8) + (isEnded ? [0] : []))
    }
    return "text \(tag) of \(text.utf8.count) bytes: \(text.prefix(60))"
  }

  private mutating func changeHeader() -> String {
    let value = bound()
    switch roll(4) {
    case 0: file.version = value & 0xFFFF
    case 1: file.offsetByteCount = value & 0xFFFF
    case 2: file.isBig.toggle()
    default: file.firstDirectory = value
    }
    return "header at \(value)"
  }

  private mutating func changeDirectory() -> String {
    let index = roll(file.directories.count)
    let entryCount = file.directories[index].entries.count
    let value = bound()
    switch roll(5) {
    case 0: file.directories[index].count = value
    case 1 where entryCount > 0: file.directories[index].entries.remove(at: roll(entryCount))
    case 2 where entryCount > 0:
      file.directories[index].entries.append(file.directories[index].entries[roll(entryCount)])
    case 3: file.directories[index].entries.shuffle(using: &generator)
    default:
      // As many tags as the limit lets pass, and more.
      let count = pick([100, 256, 257, 4000])
      file.directories[index].entries += (0..<count).map {
        .init(UInt16(50_900 + $0), 3, .integers([1, 2, 3, 4, 5]))
      }
    }
    return "directory \(index) at \(value), was of \(entryCount) entries"
  }

  private mutating func changeLinks() -> String {
    let value = bound()
    let blocks = UInt64(file.bytes().count)
    switch roll(5) {
    case 0: file.directories[roll(file.directories.count)].link = value
    case 1: file.directories.append(file.directories[0])
    case 2:
      let count = 1 + roll(20)
      file.directories += [TIFFFile.Directory](repeating: file.directories[0], count: count)
    case 3: edit(330) { ($0.type, $0.values) = (4, .integers([value, 8, blocks])) }
    default: edit(330) { ($0.type, $0.values) = (16, .directory(0)) }
    }
    return "links at \(value), \(file.directories.count) directories"
  }

  private mutating func changePixels() -> String {
    guard !file.blocks.isEmpty else { return "no pixels" }
    let index = roll(file.blocks.count)
    let block = file.blocks[index]
    switch roll(6) {
    case 0:
      file.blocks[index] = block.map { _ in UInt8.random(in: 0...255, using: &generator) }
      return "block \(index) of noise"
    case 1:
      file.blocks[index] = Array(block.prefix(roll(block.count + 1)))
      return "block \(index) cut, its length not"
    case 2:
      // The tables were written before: everything behind is at another place.
      file.blocks[index] += [UInt8](repeating: UInt8(roll(256)), count: 2 * roll(600))
      return "block \(index) longer"
    case 3:
      let side = pick([64, 1024, 4096] as [UInt64])
      let bomb = BlockCodec.bomb(Int(side * side))
      file.blocks = [bomb]
      let place = file.blockOffsets[0]
      let numbers: [(UInt16, UInt64)] = [
        (256, side), (257, side), (278, side), (259, 50_000), (277, 1),
      ]
      for (tag, value) in numbers {
        edit(tag) { ($0.type, $0.values) = (4, .integers([value])) }
      }
      edit(273) { ($0.type, $0.values) = (4, .integers([place])) }
      edit(279) { ($0.type, $0.values) = (4, .integers([UInt64(bomb.count)])) }
      return "a bomb of \(side) x \(side)"
    default:
      var changed = block
      for _ in 0...roll(4) where !changed.isEmpty {
        let place = roll(changed.count)
        changed[place] = UInt8.random(in: 0...255, using: &generator)
      }
      file.blocks[index] = changed
      return "block \(index) damaged"
    }
  }
}
