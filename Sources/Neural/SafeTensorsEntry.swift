// SPDX-License-Identifier: Apache-2.0
public import Foundation

extension SafeTensors {
  /// The kinds of numbers that a tensor can hold, all little-endian.
  public enum ElementType: String, Sendable, CaseIterable {
    /// IEEE 754 single precision.
    case float32 = "F32"
    /// IEEE 754 half precision.
    case float16 = "F16"
    /// Two's complement, 32 bits.
    case int32 = "I32"
    /// Two's complement, 64 bits.
    case int64 = "I64"
    /// Bytes.
    case uint8 = "U8"
    /// Two's complement, 8 bits.
    case int8 = "I8"

    /// The size of one number in bytes.
    public var byteCount: Int {
      switch self {
      case .int64: 8
      case .float32, .int32: 4
      case .float16: 2
      case .uint8, .int8: 1
      }
    }
  }

  /// One tensor of a file.
  public struct Entry: Sendable, Equatable {
    /// The kind of its numbers.
    public let type: ElementType
    /// The lengths of its axes, slowest first.
    public let shape: [Int]
    /// Its numbers, row-major and little-endian.
    public let bytes: Data

    /// Makes an entry from its bytes.
    ///
    /// - Precondition: there are as many bytes as the shape needs.
    public init(type: ElementType, shape: [Int], bytes: Data) {
      precondition(
        bytes.count == Tensor.count(of: shape) * type.byteCount,
        "\(bytes.count) bytes are no \(type.rawValue) tensor of shape \(shape).")
      self.type = type
      self.shape = shape
      self.bytes = bytes
    }

    /// Makes a float32 entry.
    public init(_ tensor: Tensor) {
      self.init(
        type: .float32, shape: tensor.shape,
        bytes: tensor.withUnsafeBufferPointer { Self.littleEndian($0.map(\.bitPattern)) })
    }

    /// Makes a float16 entry; numbers are rounded to the nearest.
    public init(float16 tensor: Tensor) {
      self.init(
        type: .float16, shape: tensor.shape,
        bytes: Self.littleEndian(tensor.values.map { HalfPrecision.bits(of: $0) }))
    }

    /// Makes an entry of 32-bit integers.
    public init(shape: [Int], int32 values: [Int32]) {
      self.init(type: .int32, shape: shape, bytes: Self.littleEndian(values))
    }

    /// Makes an entry of bytes.
    public init(shape: [Int], uint8 values: [UInt8]) {
      self.init(type: .uint8, shape: shape, bytes: Data(values))
    }

    /// Makes an entry of 8-bit integers.
    public init(shape: [Int], int8 values: [Int8]) {
      self.init(type: .int8, shape: shape, bytes: Self.littleEndian(values))
    }

    /// The numbers as a float32 tensor; large integers are rounded.
    ///
    /// - Throws: `NeuralError.wrongElementType` for bytes and 8-bit integers, which mean nothing
    ///   without a scale.
    public func tensor(named name: String) throws(NeuralError) -> Tensor {
      switch type {
      case .float32:
        Tensor(shape: shape, values: integers(UInt32.self).map { Float(bitPattern: $0) })
      case .float16:
        Tensor(shape: shape, values: integers(UInt16.self).map { HalfPrecision.value(of: $0) })
      case .int32:
        Tensor(shape: shape, values: integers(Int32.self).map { Float($0) })
      case .int64:
        Tensor(shape: shape, values: integers(Int64.self).map { Float($0) })
      case .uint8, .int8:
        throw .wrongElementType(name: name, expected: "F32", found: type.rawValue)
      }
    }

    /// The numbers of an `int32` entry.
    ///
    /// - Throws: `NeuralError.wrongElementType` for any other type.
    public func int32Values(named name: String) throws(NeuralError) -> [Int32] {
      guard type == .int32 else {
        throw .wrongElementType(name: name, expected: "I32", found: type.rawValue)
      }
      return integers(Int32.self)
    }

    /// The numbers of a `uint8` entry.
    ///
    /// - Throws: `NeuralError.wrongElementType` for any other type.
    public func uint8Values(named name: String) throws(NeuralError) -> [UInt8] {
      guard type == .uint8 else {
        throw .wrongElementType(name: name, expected: "U8", found: type.rawValue)
      }
      return [UInt8](bytes)
    }

    /// The numbers of an `int8` entry.
    ///
    /// - Throws: `NeuralError.wrongElementType` for any other type.
    public func int8Values(named name: String) throws(NeuralError) -> [Int8] {
      guard type == .int8 else {
        throw .wrongElementType(name: name, expected: "I8", found: type.rawValue)
      }
      return integers(Int8.self)
    }

    private func integers<Integer: FixedWidthInteger>(_: Integer.Type) -> [Integer] {
      bytes.withUnsafeBytes { raw in
        (0..<raw.count / MemoryLayout<Integer>.size).map { index in
          Integer(
            littleEndian: raw.loadUnaligned(
              fromByteOffset: index * MemoryLayout<Integer>.size, as: Integer.self))
        }
      }
    }

    private static func littleEndian<Integer: FixedWidthInteger>(_ values: [Integer]) -> Data {
      values.map(\.littleEndian).withUnsafeBytes { Data($0) }
    }
  }
}

/// IEEE 754 half precision in software: `Float16` is missing on some of our platforms.
package enum HalfPrecision {
  /// The number that 16 bits stand for.
  package static func value(of bits: UInt16) -> Float {
    let sign: Float = bits & 0x8000 == 0 ? 1 : -1
    let exponent = Int(bits >> 10 & 0x1F)
    let fraction = Float(bits & 0x3FF) / 1024
    switch exponent {
    case 0: return sign * fraction * 0x1p-14
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default:
      return sign * (1 + fraction) * Float(sign: .plus, exponent: exponent - 15, significand: 1)
    }
  }

  /// The nearest half-precision number's bits, the even one of two equally near.
  package static func bits(of value: Float) -> UInt16 {
    let sign = UInt16(value.bitPattern >> 16) & 0x8000
    let magnitude = value.magnitude
    if value.isNaN { return sign | 0x7E00 }
    if magnitude >= 65_520 { return sign | 0x7C00 }
    if magnitude < 0x1p-14 {
      return sign | UInt16((magnitude * 0x1p24).rounded(.toNearestOrEven))
    }
    let exponent = Int(magnitude.exponent)
    let fraction = ((magnitude.significand - 1) * 1024).rounded(.toNearestOrEven)
    // A fraction that rounds up to 1024 carries into the exponent, as it must.
    return sign | (UInt16(exponent + 15) << 10) + UInt16(fraction)
  }
}
