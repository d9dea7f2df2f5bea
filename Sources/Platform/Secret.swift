// SPDX-License-Identifier: Apache-2.0

/// A credential that cannot be printed, encoded or compared by accident.
///
/// ```swift
/// request.setHeader("Authorization", "Bearer " + key.reveal())
/// ```
public struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  private let text: String

  /// Wraps a credential.
  public init(_ text: String) { self.text = text }

  /// The credential itself; call it only where it is sent.
  public func reveal() -> String { text }

  /// Never the credential.
  public var description: String { "(secret)" }
  /// Never the credential.
  public var debugDescription: String { "(secret)" }
  /// Shows nothing, so that `dump` prints no credential.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
