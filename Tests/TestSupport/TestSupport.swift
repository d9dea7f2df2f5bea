// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// Where the tests find what they read, and a place of their own to write.
public enum TestPaths {
  /// The root of the checkout.
  public static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The shared data, or nil where there is none: `FOVEA_SHARED`, else `../shared`.
  public static let shared: URL? = {
    let folder =
      ProcessInfo.processInfo.environment["FOVEA_SHARED"].map { URL(filePath: $0) }
      ?? root.deletingLastPathComponent().appending(path: "shared")
    return FileManager.default.fileExists(atPath: folder.appending(path: "data").path)
      ? folder : nil
  }()
}

/// A folder that goes when the value goes.
public final class TemporaryFolder: Sendable {
  /// The folder; its path is short, since Unix sockets are made in it.
  public let url: URL

  /// Creates an empty folder.
  public init() throws {
    url = FileManager.default.temporaryDirectory
      .appending(path: "fovea-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit {
    // A test that failed has more to say than a folder that could not be removed.
    try? FileManager.default.removeItem(at: url)
  }
}
