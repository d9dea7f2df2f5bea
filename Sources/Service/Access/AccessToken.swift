// SPDX-License-Identifier: Apache-2.0

public import Foundation
public import Platform

/// What is kept of a bearer token: everything but the token.
public struct AccessToken: Sendable, Hashable, Codable {
  /// What precedes the random part, so that a leaked token is recognised as one.
  static let prefix = "fovea_"
  private static let randomByteCount = 32

  /// The name by which it is listed and revoked, and under which its holder acts: `token:ID`.
  public let id: String
  /// The SHA-256 of the token, hexadecimal.
  let sha256: String
  /// What its holder may do.
  public let role: AccessRole
  /// The budgets that its holder may use; empty for roles that are not bound to budgets.
  public let budgets: [String]
  /// When it was made.
  public let createdAt: Date
  /// From when on it is worth nothing.
  public let until: Date

  /// Makes a token of 32 random bytes.
  ///
  /// - Returns: what is kept, and the token itself, which nothing can restore.
  public static func make(
    role: AccessRole, budgets: [String], until: Date, at createdAt: Date
  ) -> (token: AccessToken, secret: Secret) {
    var generator = SystemRandomNumberGenerator()
    let bytes = (0..<randomByteCount).map { _ in UInt8.random(in: .min ... .max, using: &generator)
    }
    let random = Data(bytes).base64EncodedString()
      .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    let text = prefix + random
    let digest = Digest.sha256(Data(text.utf8))
    let token = AccessToken(
      id: String(digest.prefix(8)), sha256: digest, role: role, budgets: budgets,
      createdAt: createdAt, until: until)
    return (token, Secret(text))
  }

  /// Whether `text` is this token, found out in a time that does not depend on where they differ.
  func isMade(of text: Substring) -> Bool {
    let (kept, given) = (Array(sha256.utf8), Array(Digest.sha256(Data(text.utf8)).utf8))
    guard kept.count == given.count else { return false }
    return zip(kept, given).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }

  /// Whether its holder may use a budget.
  func mayUse(_ budget: String) -> Bool { !role.isBoundToBudgets || budgets.contains(budget) }
}
