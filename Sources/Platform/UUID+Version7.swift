// SPDX-License-Identifier: Apache-2.0

public import Foundation

extension UUID {
  /// A UUID of version 7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then random bits,
  /// so that identifiers sort by the time they were made.
  public static func version7(
    at date: Date, using generator: inout some RandomNumberGenerator
  ) -> UUID {
    let milliseconds = UInt64(max(0, date.timeIntervalSince1970 * 1000))
    var bytes = [UInt8](repeating: 0, count: 16)
    for index in 0..<6 {
      bytes[index] = UInt8(truncatingIfNeeded: milliseconds >> (40 - 8 * index))
    }
    for index in 6..<16 { bytes[index] = UInt8.random(in: 0...255, using: &generator) }
    bytes[6] = (bytes[6] & 0x0F) | 0x70
    bytes[8] = (bytes[8] & 0x3F) | 0x80
    return bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
  }

  /// The identifier as RFC 9562 writes it, in lower case.
  public var text: String { uuidString.lowercased() }
}
