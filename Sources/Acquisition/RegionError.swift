// SPDX-License-Identifier: Apache-2.0

/// Why a region was refused.
///
/// `at` is where: a line and column, or a JSON pointer.
public enum RegionError: Error, Hashable, CustomStringConvertible {
  /// The document is not JSON, or not a GeoJSON polygon.
  case malformed(at: String, what: String, remedy: String)
  /// The rings break a rule of RFC 7946 or of geometry.
  case invalid(at: String, what: String, remedy: String)
  /// A coordinate is outside the Earth's.
  case outOfRange(at: String, what: String, remedy: String)
  /// Right by RFC 7946, but beyond what Fovea takes.
  case unsupported(at: String, what: String, remedy: String)
  /// The region has more chips than one job may have.
  case tooLarge(chipCount: Int, limit: Int)

  /// The kind, as it stands in problem documents.
  public var kind: String {
    switch self {
    case .malformed: "region-malformed"
    case .invalid: "region-invalid"
    case .outOfRange: "region-out-of-range"
    case .unsupported, .tooLarge: "region-unsupported"
    }
  }

  /// Where: a JSON pointer, or line:column of what is no JSON; nil for the region as a whole.
  public var place: String? { parts.place }

  /// What is wrong, without a full stop.
  public var reason: String { parts.reason }

  /// What to do: a sentence or two.
  public var remedy: String { parts.remedy }

  /// Where, what and what to do.
  public var description: String { "\(place.map { "\($0): " } ?? "")\(reason). \(remedy)" }

  private var parts: (place: String?, reason: String, remedy: String) {
    switch self {
    case .malformed(let at, let what, let remedy), .invalid(let at, let what, let remedy),
      .outOfRange(let at, let what, let remedy), .unsupported(let at, let what, let remedy):
      (at, what, remedy)
    case .tooLarge(let count, let limit):
      (
        nil, "the region has \(count) chips, and a job may have \(limit)",
        "Cut it into smaller regions."
      )
    }
  }
}
