// SPDX-License-Identifier: Apache-2.0

/// What a vendor's licence asks of those who use its imagery, as a price list names it.
///
/// ```yaml
/// licence: {id: example-standard-3, seats: 5, attribution: "© {year} Example",
///           restrictions: [internal, no-redistribution]}
/// ```
public struct Licence: Hashable, Sendable, Codable {
  /// What a licence forbids.
  public enum Restriction: String, Hashable, Sendable, Codable, CaseIterable {
    /// Use within the buyer's organisation only.
    case internalUse = "internal"
    /// The imagery is not passed on.
    case noRedistribution = "no-redistribution"
    /// No commercial use.
    case nonCommercial = "non-commercial"
    /// No training of models on the imagery.
    case noTraining = "no-training"
  }

  /// The vendor's name of the licence, its version included.
  public let id: String
  /// Where its text stands.
  public let url: String?
  /// How many people may use the imagery; nil where the licence does not count them.
  public let seats: Int?
  /// The notice that goes with the imagery and all that is made of it; `{year}` stands for the
  /// year of the content.
  public let attribution: String?
  /// What it forbids.
  public let restrictions: [Restriction]

  /// Creates a licence.
  public init(
    id: String, url: String? = nil, seats: Int? = nil, attribution: String? = nil,
    restrictions: [Restriction] = []
  ) {
    self.id = id
    self.url = url
    self.seats = seats
    self.attribution = attribution
    self.restrictions = restrictions
  }

  /// The notice for content of a year; nil where the licence asks for none.
  public func attribution(year: Int) -> String? {
    attribution?.replacing("{year}", with: String(year))
  }
}
