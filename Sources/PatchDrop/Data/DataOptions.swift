// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// How a data set is read.
public struct DataOptions: Sendable, Equatable {
  /// The side to which the middle of each image is brought, in pixels; nil where all images have
  /// one size already.
  public var sidePixels: Int?
  /// How LR images are made.
  public var lowSource: LowResolutionSource
  /// The folder in which decoded images are kept for the next time; nil keeps none.
  public var cache: URL?

  /// Creates options.
  public init(
    sidePixels: Int? = nil, lowSource: LowResolutionSource = .area, cache: URL? = nil
  ) {
    (self.sidePixels, self.lowSource, self.cache) = (sidePixels, lowSource, cache)
  }

  /// The folder for decoded images of the person who runs the program: `fovea` in
  /// `XDG_CACHE_HOME`, or else in `~/.cache`; nil where there is no home.
  public static func userCache(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> URL? {
    // The XDG rules: a relative path is to be ignored.
    if let folder = environment["XDG_CACHE_HOME"], folder.hasPrefix("/") {
      return URL(filePath: folder).appending(path: "fovea")
    }
    guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
    return URL(filePath: home).appending(path: ".cache/fovea")
  }
}
