// SPDX-License-Identifier: Apache-2.0

/// One file that a job has written.
public struct OutputRecord: Hashable, Sendable, Codable {
  /// The file's name.
  public let name: String
  /// The media type.
  public let mediaType: String
  /// The number of bytes.
  public let byteCount: Int64
  /// The SHA-256 of the file, hexadecimal.
  public let sha256: String

  /// Creates a record.
  public init(name: String, mediaType: String, byteCount: Int64, sha256: String) {
    self.name = name
    self.mediaType = mediaType
    self.byteCount = byteCount
    self.sha256 = sha256
  }
}
