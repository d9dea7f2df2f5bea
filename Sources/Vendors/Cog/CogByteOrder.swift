// SPDX-License-Identifier: Apache-2.0

/// In which order the bytes of a number come.
enum CogByteOrder {
  case little
  case big

  /// A whole number of up to eight bytes.
  func integer(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    self == .little
      ? bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
      : bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Whole numbers of one size.
  func integers(_ bytes: ArraySlice<UInt8>, size: Int) -> [UInt64] {
    stride(from: bytes.startIndex, to: bytes.endIndex - size + 1, by: size).map {
      integer(bytes[$0..<$0 + size])
    }
  }

  /// The bytes of a number.
  func bytes(_ value: UInt64, size: Int) -> [UInt8] {
    let little = (0..<size).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    return self == .little ? little : little.reversed()
  }

  /// Bytes of a whole number of one of TIFF's types; nil for other types.
  static func integerSize(_ type: UInt16) -> Int? {
    switch type {
    case 1: 1
    case 3: 2
    case 4, 13: 4
    case 16, 18: 8
    default: nil
    }
  }
}
