// SPDX-License-Identifier: Apache-2.0

/// The messages between a program, its decoder and the process that decodes one file.
///
/// Program and decoder exchange messages over a socket: a greeting, then a request with two
/// descriptors and a report for each file. The pixels come through a pipe, as frames: each has its
/// kind and its length before it. All numbers have their lowest byte first.
enum DecodeProtocol {
  /// Changes with any message.
  static let version: UInt32 = 1
  /// The first field of an answer: "FVD1".
  static let magic: UInt32 = 0x3144_5646
  /// The longest message over the socket.
  static let messageBytes = 1024
  /// The longest reason for a refusal, in characters: 16 messages of 200.
  static let reasonCharacters = 3200
  /// How a process that refused a file ends.
  static let refusalCode: Int32 = 65
  /// How a process ends that could not confine itself.
  static let confinementCode: Int32 = 70

  /// What a frame holds.
  enum FrameKind: UInt32 {
    case header = 1
    case band, tile, done, refusal
  }

  /// Why a file was refused.
  enum RefusalKind: UInt32 {
    case malformed = 1
    case unsupported, decode, differs, confinement
  }

  /// The sample types that a band may name.
  static let typeNames: Set<String> = [
    "Byte", "Int8", "UInt16", "Int16", "UInt32", "Int32", "Float32", "Float64",
  ]

  /// Text without control characters, at most so long.
  static func plain(_ text: String, limit: Int = reasonCharacters) -> String {
    text.unicodeScalars.prefix(limit).map { scalar in
      scalar.properties.generalCategory == .control
        ? scalar.escaped(asASCII: true) : String(scalar)
    }.joined()
  }
}

/// What a decoder says of itself before it takes files.
struct DecoderGreeting {
  /// The version of the kernel's Landlock; nil for none.
  var landlockVersion: Int?
  /// Why it cannot work; empty where it can.
  var trouble = ""

  private static let troubleBytes = 400

  var bytes: [UInt8] {
    var fields = FieldWriter()
    fields.add(DecodeProtocol.magic)
    fields.add(DecodeProtocol.version)
    fields.add(UInt32(landlockVersion ?? 0))
    fields.add(trouble, byteCount: Self.troubleBytes)
    return fields.bytes
  }

  init(landlockVersion: Int?, trouble: String) {
    self.landlockVersion = landlockVersion
    self.trouble = trouble
  }

  init?(_ bytes: [UInt8]) {
    var fields = FieldReader(bytes)
    guard fields.read() == DecodeProtocol.magic, fields.read() == DecodeProtocol.version,
      let landlock = fields.readCount(), let text = fields.readText(byteCount: Self.troubleBytes),
      fields.isAtEnd
    else { return nil }
    landlockVersion = landlock > 0 ? landlock : nil
    trouble = text
  }
}

/// One file to decode; its descriptor and that for the answer come along.
struct DecodeRequest {
  var expectation: DecodeExpectation
  /// The part that is wanted.
  var part: PixelRect
  var tileWidth: Int
  var tileHeight: Int
  var wantsChecksums: Bool
  var needsLandlock: Bool
  /// The deadline, by the clock on the wall.
  var seconds: Int
  /// Time on a processor.
  var cpuSeconds: Int
  var memoryBytes: UInt64
  /// What a test wants instead; 0 for nothing.
  var probe: UInt32 = 0

  /// The windows of the answer, in order.
  var tiles: [PixelRect] { part.tiles(width: tileWidth, height: tileHeight) }

  var bytes: [UInt8] {
    var fields = FieldWriter()
    let whole = [expectation.width, expectation.height, expectation.bandCount]
    let numbers =
      whole + [
        part.column, part.row, part.width, part.height, tileWidth, tileHeight, seconds, cpuSeconds,
      ]
    fields.add(DecodeProtocol.version)
    for number in numbers { fields.add(UInt32(clamping: number)) }
    fields.add(UInt32(expectation.pixelType == .uint8 ? 0 : 1))
    fields.add(UInt32(wantsChecksums ? 1 : 0))
    fields.add(UInt32(needsLandlock ? 1 : 0))
    fields.add(probe)
    fields.add(memoryBytes)
    return fields.bytes
  }

  init?(_ bytes: [UInt8]) {
    var fields = FieldReader(bytes)
    guard fields.read() == DecodeProtocol.version else { return nil }
    let numbers = (0..<11).compactMap { _ in fields.readCount() }
    let flags = (0..<4).compactMap { _ in fields.read(UInt32.self) }
    guard numbers.count == 11, flags.count == 4, let memory = fields.read(UInt64.self),
      fields.isAtEnd, numbers[5] > 0, numbers[6] > 0, numbers[7] > 0, numbers[8] > 0
    else { return nil }
    expectation = DecodeExpectation(
      width: numbers[0], height: numbers[1], bandCount: numbers[2],
      pixelType: flags[0] == 0 ? .uint8 : .float32)
    part = PixelRect(
      column: numbers[3], row: numbers[4], width: numbers[5], height: numbers[6])
    (tileWidth, tileHeight, seconds, cpuSeconds) = (numbers[7], numbers[8], numbers[9], numbers[10])
    (wantsChecksums, needsLandlock, probe) = (flags[1] != 0, flags[2] != 0, flags[3])
    memoryBytes = memory
  }
}

extension DecodeRequest {
  /// Windows of whole tiles of 256 rows, as wide as 16 MiB allow, so that most strips are decoded
  /// once.
  init(
    _ expectation: DecodeExpectation, part: PixelRect, wantsChecksums: Bool, needsLandlock: Bool,
    seconds: Int, memoryBytes: UInt64
  ) {
    // Bytes with a scale come as floating point.
    let columnBytes = 256 * expectation.bandCount * PixelType.float32.byteCount
    self.expectation = expectation
    self.part = part
    tileWidth = max(1, (16 << 20) / columnBytes / 256) * 256
    tileHeight = 256
    self.wantsChecksums = wantsChecksums
    self.needsLandlock = needsLandlock
    self.seconds = seconds
    // Decoding alone takes less than decoding, sending and writing.
    cpuSeconds = max(1, seconds * 2 / 3)
    self.memoryBytes = memoryBytes
  }
}

/// How the process of one request ended.
struct DecodeReport {
  var end: DecodeIncident.End

  var bytes: [UInt8] {
    var fields = FieldWriter()
    fields.add(DecodeProtocol.magic)
    switch end {
    case .exited(let code):
      fields.add(UInt32(0))
      fields.add(UInt32(code))
    case .signalled(let number):
      fields.add(UInt32(1))
      fields.add(UInt32(number))
    case .ranOutOfTime:
      fields.add(UInt32(2))
      fields.add(UInt32(0))
    case .givenUp:
      fields.add(UInt32(3))
      fields.add(UInt32(0))
    }
    return fields.bytes
  }

  init(_ end: DecodeIncident.End) { self.end = end }

  init?(_ bytes: [UInt8]) {
    var fields = FieldReader(bytes)
    guard fields.read() == DecodeProtocol.magic, let kind = fields.readCount(),
      let value = fields.readCount(), fields.isAtEnd
    else { return nil }
    switch kind {
    case 0: end = .exited(code: value)
    case 1: end = .signalled(value)
    case 2: end = .ranOutOfTime
    case 3: end = .givenUp
    default: return nil
    }
  }
}
