// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Sends frames of an answer, each behind its kind and its length.
struct FrameWriter {
  let descriptor: Int32
  /// What a test wants to see; 0 for nothing.
  let probe: UInt32

  /// Sends one frame; ends the process where nobody reads it any more.
  func write(_ kind: DecodeProtocol.FrameKind, _ payload: [UInt8]) {
    var payload = payload
    #if FOVEA_TEST_HOOKS
      if let probe = DecodeProbe(rawValue: probe) {
        guard let distorted = probe.distort(kind, payload) else { return }
        payload = distorted
      }
    #endif
    var head = FieldWriter()
    head.add(kind.rawValue)
    head.add(UInt32(payload.count))
    write(head.bytes)
    write(payload)
  }

  private func write(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { bytes in
      var place = 0
      while place < bytes.count {
        let count = Foundation.write(
          descriptor, bytes.baseAddress.map { $0 + place }, bytes.count - place)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { _exit(DecodeProtocol.refusalCode) }
        place += count
      }
    }
  }
}

extension DecodedFacts.Band {
  private static let textBytes = 16

  /// The payload of a band's frame.
  var bytes: [UInt8] {
    var fields = FieldWriter()
    fields.add(type, byteCount: Self.textBytes)
    fields.add(UInt32(noData != nil ? 1 : 0) | UInt32(checksum != nil ? 2 : 0))
    fields.add(UInt32(clamping: checksum ?? 0))
    fields.add(noData ?? 0)
    fields.add(scale)
    fields.add(offset)
    fields.add(colour, byteCount: Self.textBytes)
    return fields.bytes
  }

  /// How long a band's frame is.
  static let byteCount = 2 * textBytes + 8 + 24

  /// A band from its frame; nil where a field cannot be.
  init?(_ bytes: [UInt8], hasChecksum: Bool) {
    var fields = FieldReader(bytes)
    guard let type = fields.readText(byteCount: Self.textBytes),
      DecodeProtocol.typeNames.contains(type), let flags = fields.read(UInt32.self), flags < 4,
      (flags & 2 != 0) == hasChecksum, let checksum = fields.readCount(), checksum <= 0xffff,
      let noData = fields.readDouble(), let scale = fields.readDouble(), scale.isFinite,
      let offset = fields.readDouble(), offset.isFinite,
      let colour = fields.readText(byteCount: Self.textBytes), fields.isAtEnd,
      colour.utf8.allSatisfy({ (0x20..<0x7f).contains($0) })
    else { return nil }
    self.init(
      type: type, noData: flags & 1 != 0 ? noData : nil, scale: scale, offset: offset,
      colour: colour, checksum: hasChecksum ? checksum : nil)
  }
}

extension DecodeProtocol.RefusalKind {
  /// The kind of an error of the process that decodes.
  init(_ error: RasterError) {
    switch error {
    case .malformed: self = .malformed
    case .unsupported: self = .unsupported
    case .decodeMismatch: self = .differs
    default: self = .decode
    }
  }
}
