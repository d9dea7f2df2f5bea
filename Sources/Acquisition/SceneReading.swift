// SPDX-License-Identifier: Apache-2.0

/// How LR pixels came from a scene onto the chips' lattice.
public enum LowResampling: String, Hashable, Sendable, Codable {
  /// They coincide with the lattice's and were read as they are.
  case none
  /// Each is the mean of the area under it: the scene's pixels are smaller.
  case average
  /// Each is interpolated between the scene's nearest four.
  case bilinear
}

/// How a survey saw its scene: what a plan and a report say of it, so that nothing is silent.
public struct SceneReading: Hashable, Sendable, Codable {
  /// The scene's own coordinate reference system, `EPSG:n` or WKT.
  public let sceneCRS: String
  /// The chips' coordinate reference system, `EPSG:n` or WKT.
  public let latticeCRS: String
  /// How pixels came from one to the other.
  public let resampling: LowResampling
  /// The scene's bands that the model saw, from 1, in the order of the model's.
  public let bands: [Int]
  /// How values became 8-bit ones; nil where they were taken as they are.
  public let stretch: Stretch?

  /// Creates a record.
  public init(
    sceneCRS: String, latticeCRS: String, resampling: LowResampling, bands: [Int], stretch: Stretch?
  ) {
    self.sceneCRS = sceneCRS
    self.latticeCRS = latticeCRS
    self.resampling = resampling
    self.bands = bands
    self.stretch = stretch
  }

  private enum CodingKeys: String, CodingKey {
    case sceneCRS = "sceneCrs"
    case latticeCRS = "latticeCrs"
    case resampling
    case bands
    case stretch
  }

  /// How the pixels were read, in words.
  public var resamplingWords: String {
    switch resampling {
    case .none: "read as they are"
    case .average: "resampled onto the chips' grid by area average"
    case .bilinear: "resampled onto the chips' grid, bilinear"
    }
  }

  /// The bands in words: `3, 2, 1`.
  public var bandWords: String { bands.map(String.init).joined(separator: ", ") }

  /// The stretch in words.
  public var stretchWords: String {
    guard let stretch else { return "none, values as they are" }
    return stretch.ranges.map { "\($0)" }.joined(separator: "; ") + " to 0,255"
  }

  /// What people call a system: its code, or the name that its WKT begins with.
  public static func name(ofCRS crs: String) -> String {
    guard !crs.hasPrefix("EPSG:") else { return crs }
    let parts = crs.split(separator: "\"", maxSplits: 2, omittingEmptySubsequences: false)
    return parts.count == 3 ? "\(parts[1]), which has no EPSG code" : crs
  }
}
