// SPDX-License-Identifier: Apache-2.0

/// Where the lattice of a job has its origin.
public enum GridOrigin: Hashable, Sendable, Codable, CustomStringConvertible {
  /// Corners at whole multiples of the side from the CRS's origin, so that jobs share patches.
  case crs
  /// A corner at the scene's north-west corner: LR pixels are then never resampled. It has a meaning
  /// only where the lattice is in the scene's own CRS.
  case scene
  /// A corner at a given point, in metres of the lattice's CRS.
  case point(ProjectedPoint)

  /// Reads `crs`, `scene` or `X,Y`; nil for anything else.
  public init?(_ text: String) {
    switch text {
    case "crs": self = .crs
    case "scene": self = .scene
    default:
      let numbers = text.split(separator: ",", omittingEmptySubsequences: false)
        .map { Double($0.drop { $0 == " " }) }
      guard numbers.count == 2, let x = numbers[0], let y = numbers[1], x.isFinite, y.isFinite,
        abs(x) < 1e9, abs(y) < 1e9
      else { return nil }
      self = .point(ProjectedPoint(x: x, y: y))
    }
  }

  /// What ``init(_:)`` reads.
  public var description: String {
    switch self {
    case .crs: "crs"
    case .scene: "scene"
    case .point(let point): "\(point.x),\(point.y)"
    }
  }

  /// Why a lattice in one CRS cannot begin here over a scene in another, as the two parts of a
  /// refusal; nil where it can.
  public func obstacle(
    latticeCRS: String, sceneCRS: String
  ) -> (reason: String, remedy: String)? {
    guard self == .scene, latticeCRS != sceneCRS else { return nil }
    let (lattice, scene) = (latticeCRS.prefix(40), sceneCRS.prefix(40))
    return (
      "The scene is in \(scene) and its chips are in \(lattice), where the scene's corner is no "
        + "corner of a square chip",
      "Use crs, or X,Y in metres of \(lattice)."
    )
  }

  /// Reads the text form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let origin = GridOrigin(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "\"\(text)\" is no grid origin: crs, scene or X,Y")
    }
    self = origin
  }

  /// Writes the text form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
