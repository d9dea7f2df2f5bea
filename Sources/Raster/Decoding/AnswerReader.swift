// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Why an answer cannot be used.
enum AnswerProblem: Error {
  /// It stopped before its end: how the process ended tells more.
  case ended
  /// It came too late.
  case late
  /// It is not what was asked for.
  case deviates(String)
  /// The process refused the file.
  case refused(DecodeProtocol.RefusalKind, String)
}

/// Reads the answer of a process that is not to be believed: every field is held against the
/// request, every length against what must come next.
struct AnswerReader: ~Copyable {
  private let descriptor: Int32
  private let request: DecodeRequest
  private let deadline: ContinuousClock.Instant

  init(_ descriptor: Int32, _ request: DecodeRequest, deadline: ContinuousClock.Instant) {
    self.descriptor = descriptor
    self.request = request
    self.deadline = deadline
  }

  deinit { close(descriptor) }

  /// Reads header and bands.
  func readFacts() throws(AnswerProblem) -> DecodedFacts {
    let header = try readFrame(.header, byteCount: 32)
    var fields = FieldReader(header)
    let (magic, numbers) = (
      fields.read(UInt32.self), (0..<7).compactMap { _ in fields.readCount() }
    )
    guard magic == DecodeProtocol.magic, numbers.count == 7 else {
      throw .deviates("its first bytes are not those of an answer")
    }
    let expected = request.expectation
    try hold("columns", numbers[0], expected.width)
    try hold("rows", numbers[1], expected.height)
    try hold("bands", numbers[2], expected.bandCount)
    guard (expected.bandCount...expected.bandCount + 1).contains(numbers[3]) else {
      throw .deviates("it has \(numbers[3]) bands in all, and the header \(expected.bandCount)")
    }
    guard (0...1).contains(numbers[4]) else { throw .deviates("it names no type of pixels") }
    try hold("columns of a window", numbers[5], request.tileWidth)
    try hold("rows of a window", numbers[6], request.tileHeight)
    var bands: [DecodedFacts.Band] = []
    for number in 1...numbers[3] {
      let bytes = try readFrame(.band, byteCount: DecodedFacts.Band.byteCount)
      guard let band = DecodedFacts.Band(bytes, hasChecksum: request.wantsChecksums) else {
        throw .deviates("what it says of band \(number) cannot be")
      }
      bands.append(band)
    }
    let pixelType: PixelType = numbers[4] == 0 ? .uint8 : .float32
    let isScaled = bands.contains { $0.scale != 1 || $0.offset != 0 }
    guard pixelType == (isScaled ? .float32 : expected.pixelType) else {
      throw .deviates("its pixels are \(pixelType), and the header's \(expected.pixelType)")
    }
    return DecodedFacts(pixelType: pixelType, bands: bands)
  }

  /// Reads the window that must come next.
  func readTile(_ tile: PixelRect, of pixelType: PixelType) throws(AnswerProblem) -> DecodedPixels {
    switch pixelType {
    case .uint8: .uint8(try readWindow(tile))
    case .float32:
      .float32(try readWindow(tile, check: { $0.allSatisfy(\.isFinite) }))
    }
  }

  /// Reads that all was sent, and that nothing follows.
  func readEnd() throws(AnswerProblem) {
    _ = try readFrame(.done, byteCount: 0)
    var byte = [UInt8](repeating: 0, count: 1)
    guard let problem = byte.withUnsafeMutableBytes({ fill($0) }) else {
      throw .deviates("it goes on after its end")
    }
    guard case .ended = problem else { throw problem }
  }

  // MARK: Frames

  private func hold(_ what: String, _ found: Int, _ expected: Int) throws(AnswerProblem) {
    guard found == expected else {
      throw .deviates("it has \(found) \(what), and the header \(expected)")
    }
  }

  private func readWindow<Sample: RasterSample>(
    _ tile: PixelRect, check: ([Sample]) -> Bool = { _ in true }
  ) throws(AnswerProblem) -> Window<Sample> {
    let pixelCount = tile.width * tile.height
    let bandCount = request.expectation.bandCount
    let sampleBytes = bandCount * pixelCount * MemoryLayout<Sample>.stride
    try expect(.tile, byteCount: 16 + sampleBytes + pixelCount)
    var fields = FieldReader(try readBytes(16))
    let place = (0..<4).compactMap { _ in fields.readCount() }
    guard place == [tile.column, tile.row, tile.width, tile.height] else {
      throw .deviates("a window is not the one that should come")
    }
    var window = Window<Sample>(empty: tile, bandCount: bandCount)
    if let problem = window.samples.withUnsafeMutableBytes({ fill($0) }) { throw problem }
    guard check(window.samples) else { throw .deviates("a sample is no number") }
    let validity = try readBytes(pixelCount)
    guard validity.allSatisfy({ $0 <= 1 }) else {
      throw .deviates("a pixel is neither valid nor empty")
    }
    window.validity = validity.map { $0 == 1 }
    return window
  }

  private func readFrame(
    _ kind: DecodeProtocol.FrameKind, byteCount: Int
  ) throws(AnswerProblem) -> [UInt8] {
    try expect(kind, byteCount: byteCount)
    return try readBytes(byteCount)
  }

  /// Reads the head of a frame; a refusal may stand at the place of any.
  private func expect(
    _ kind: DecodeProtocol.FrameKind, byteCount: Int
  ) throws(AnswerProblem) {
    var head = FieldReader(try readBytes(8))
    let (found, length) = (head.read(UInt32.self) ?? 0, head.readCount() ?? 0)
    if found == DecodeProtocol.FrameKind.refusal.rawValue {
      throw try readRefusal(length)
    }
    guard found == kind.rawValue else { throw .deviates("its parts are not in order") }
    guard length == byteCount else {
      throw .deviates("a part has \(length) bytes, and it should have \(byteCount)")
    }
  }

  private func readRefusal(_ length: Int) throws(AnswerProblem) -> AnswerProblem {
    guard (4...4 + 4 * DecodeProtocol.reasonCharacters).contains(length) else {
      return .deviates("its refusal has \(length) bytes")
    }
    let bytes = try readBytes(length)
    var fields = FieldReader(bytes)
    guard let kind = DecodeProtocol.RefusalKind(rawValue: fields.read() ?? 0) else {
      return .deviates("its refusal is of no known kind")
    }
    return .refused(kind, DecodeProtocol.plain(String(decoding: bytes[4...], as: UTF8.self)))
  }

  private func readBytes(_ count: Int) throws(AnswerProblem) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    if let problem = bytes.withUnsafeMutableBytes({ fill($0) }) { throw problem }
    return bytes
  }

  /// Fills all of `bytes`, waiting no longer than the deadline; returns why it could not.
  private func fill(_ bytes: UnsafeMutableRawBufferPointer) -> AnswerProblem? {
    var place = 0
    while place < bytes.count {
      var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let left = (deadline - .now).milliseconds
      guard left > 0 else { return .late }
      guard poll(&event, 1, Int32(clamping: left)) > 0 else { continue }
      let count = read(
        descriptor, bytes.baseAddress.map { $0 + place }, bytes.count - place)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return .ended }
      place += count
    }
    return nil
  }
}
