// SPDX-License-Identifier: Apache-2.0

/// The types of samples that are taken: what a TIFF's bits and sample format amount to.
enum TIFFSampleType: Hashable, Sendable {
  case uint8
  case int8
  case uint16
  case int16
  case float16
  case float24
  case float32
  case float64

  /// The type of samples of `bits` bits in a sample format of TIFF 6.0; nil for those not taken.
  init?(bits: UInt64, format: UInt64) {
    switch (format, bits) {
    // 4 says "undefined", which every reader takes as unsigned.
    case (1, 8), (4, 8): self = .uint8
    case (1, 16), (4, 16): self = .uint16
    case (2, 8): self = .int8
    case (2, 16): self = .int16
    case (3, 16): self = .float16
    case (3, 24): self = .float24
    case (3, 32): self = .float32
    case (3, 64): self = .float64
    default: return nil
    }
  }

  /// Bytes of a sample when decoded; short floating-point numbers are decoded to 32 bits.
  var byteCount: Int {
    switch self {
    case .uint8, .int8: 1
    case .uint16, .int16: 2
    case .float16, .float24, .float32: 4
    case .float64: 8
    }
  }

  /// Whether it is of floating-point numbers.
  var isFloat: Bool {
    switch self {
    case .uint8, .int8, .uint16, .int16: false
    case .float16, .float24, .float32, .float64: true
    }
  }

  /// What to do about samples of another type.
  static let remedy =
    "Convert them with gdal_translate -ot Float32 IN OUT, or -ot UInt16 where the numbers fit."

  /// What to do about complex samples, which stand for an amplitude and a phase.
  static let complexRemedy =
    "Take their magnitude with gdal_calc.py -A IN --calc='abs(A)' --type=Float32 --outfile=OUT."

  /// The name that GDAL gives to the type as it reads it.
  var name: String { Self.name(bits: byteCount * 8, format: isFloat ? 3 : isSigned ? 2 : 1) }

  private var isSigned: Bool { self == .int8 || self == .int16 }

  /// GDAL's name for any type, whether it is taken or not.
  static func name(bits: Int, format: Int) -> String {
    switch format {
    case 1, 4: bits <= 8 ? "Byte" : "UInt\(bits <= 16 ? 16 : bits <= 32 ? 32 : 64)"
    case 2: "Int\(bits)"
    case 3: "Float\(bits <= 32 ? 32 : 64)"
    case 5: "CInt\(bits / 2)"
    case 6: "CFloat\(bits / 2)"
    default: "unknown"
    }
  }
}
