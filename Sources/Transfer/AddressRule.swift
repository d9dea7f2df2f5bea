// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Which network addresses may be connected to.
///
/// It judges the address that is about to be used, since a name may have changed its meaning after
/// a check (OWASP, "Server-Side Request Forgery Prevention").
enum AddressRule {
  /// Whether an address may be connected to for a reach.
  static func allows(
    _ address: UnsafePointer<sockaddr>, length: Int, for reach: Endpoint.Reach
  ) -> Bool {
    let family = Int32(address.pointee.sa_family)
    if case .unixSocket = reach { return family == AF_UNIX }
    guard let bytes = internetAddress(address, length: length, family: family) else { return false }
    return reach == .loopback ? isLoopback(bytes) : isPublic(bytes)
  }

  /// The 4 or 16 bytes of an address.
  private static func internetAddress(
    _ address: UnsafePointer<sockaddr>, length: Int, family: Int32
  ) -> [UInt8]? {
    let raw = UnsafeRawPointer(address)
    if family == AF_INET, length >= MemoryLayout<sockaddr_in>.size {
      let value = raw.loadUnaligned(as: sockaddr_in.self).sin_addr
      return withUnsafeBytes(of: value) { Array($0) }
    }
    if family == AF_INET6, length >= MemoryLayout<sockaddr_in6>.size {
      let value = raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr
      return withUnsafeBytes(of: value) { Array($0) }
    }
    return nil
  }

  static func isLoopback(_ bytes: [UInt8]) -> Bool {
    bytes.count == 4 ? bytes[0] == 127 : bytes == Array(repeating: 0, count: 15) + [1]
  }

  static func isPublic(_ bytes: [UInt8]) -> Bool {
    if bytes.count == 4 { return !closedBlocks.contains { $0.contains(bytes) } }
    // Only 2000::/3 is assigned for global use; the blocks in it that carry an IPv4 address or are
    // for documentation are not, so IPv4 inside IPv6 cannot come in by the back door.
    let isGlobal = bytes[0] & 0xE0 == 0x20
    return isGlobal && !closedBlocks6.contains { $0.contains(bytes) }
  }

  private struct Block {
    let prefix: [UInt8]
    let bitCount: Int

    func contains(_ bytes: [UInt8]) -> Bool {
      (0..<bitCount).allSatisfy { bit in
        let mask: UInt8 = 0x80 >> UInt8(bit % 8)
        let expected = bit / 8 < prefix.count ? prefix[bit / 8] & mask : 0
        return bytes[bit / 8] & mask == expected
      }
    }
  }

  // IANA's special-purpose registry: this network, private, shared, loopback, link-local (metadata
  // services among them), protocol assignments, documentation, benchmarks, multicast, reserved.
  private static let closedBlocks = [
    Block(prefix: [0], bitCount: 8), Block(prefix: [10], bitCount: 8),
    Block(prefix: [100, 64], bitCount: 10), Block(prefix: [127], bitCount: 8),
    Block(prefix: [169, 254], bitCount: 16), Block(prefix: [172, 16], bitCount: 12),
    Block(prefix: [192, 0, 0], bitCount: 24), Block(prefix: [192, 0, 2], bitCount: 24),
    Block(prefix: [192, 88, 99], bitCount: 24), Block(prefix: [192, 168], bitCount: 16),
    Block(prefix: [198, 18], bitCount: 15), Block(prefix: [198, 51, 100], bitCount: 24),
    Block(prefix: [203, 0, 113], bitCount: 24), Block(prefix: [224], bitCount: 3),
  ]

  // Protocol assignments with Teredo, documentation, 6to4, documentation again.
  private static let closedBlocks6 = [
    Block(prefix: [0x20, 0x01, 0x00], bitCount: 23),
    Block(prefix: [0x20, 0x01, 0x0D, 0xB8], bitCount: 32),
    Block(prefix: [0x20, 0x02], bitCount: 16), Block(prefix: [0x3F, 0xFF], bitCount: 20),
  ]
}
