// SPDX-License-Identifier: Apache-2.0

import Crypto
public import Foundation

/// SHA-256, as lower-case hexadecimal text or as bytes.
public enum Digest {
  /// The SHA-256 of `data`, 64 hexadecimal digits.
  public static func sha256(_ data: some DataProtocol) -> String {
    hexadecimal(SHA256.hash(data: data))
  }

  /// The SHA-256 of `data`, 32 bytes.
  public static func sha256Bytes(_ data: some DataProtocol) -> Data {
    Data(SHA256.hash(data: data))
  }

  /// The SHA-256 of a file, read in pieces; 64 hexadecimal digits.
  public static func sha256(ofFileAt url: URL) throws(PlatformError) -> String {
    let descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .last("open", url.path) }
    defer { close(descriptor) }
    var hash = SHA256()
    var piece = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = read(descriptor, &piece, piece.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .last("read", url.path) }
      if count == 0 { return hexadecimal(hash.finalize()) }
      hash.update(data: piece[..<count])
    }
  }

  /// Bytes as lower-case hexadecimal text.
  public static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
