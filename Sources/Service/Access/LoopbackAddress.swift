// SPDX-License-Identifier: Apache-2.0

/// An address of this machine that only this machine reaches: `127.0.0.1:PORT` or `[::1]:PORT`.
public struct LoopbackAddress: Sendable, Hashable, CustomStringConvertible {
  /// `127.0.0.1` or `::1`.
  public let host: String
  /// The port.
  public let port: Int

  /// Reads `127.0.0.1:PORT` or `[::1]:PORT`; nil for anything else, names among it: what a name
  /// leads to may change.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":") else { return nil }
    let digits = text[text.index(after: colon)...]
    switch text[..<colon] {
    case "127.0.0.1": host = "127.0.0.1"
    case "[::1]": host = "::1"
    default: return nil
    }
    guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits),
      (1...65_535).contains(port)
    else { return nil }
    self.port = port
  }

  /// The address as it is written.
  public var description: String { host == "::1" ? "[::1]:\(port)" : "\(host):\(port)" }
}
