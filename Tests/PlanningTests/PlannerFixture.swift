// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Planning
import Platform

/// Surveys and price rules for tests of the choice.
enum PlannerFixture {
  static let grid = ChipGrid(
    crs: "EPSG:32632", chipPixels: 64, groundSampleDistanceMetres: 10, zoom: 8, patchGrid: .paper,
    origin: .crs, sceneCorner: ProjectedPoint(x: 0, y: 0))
  static let product = ProductID(vendor: "v", product: "p")

  /// A survey with random keep probabilities and logits; every seventh chip lies outside.
  static func survey(seed: UInt64, columns: Int = 5, rows: Int = 4) -> Survey {
    var generator = SeededGenerator(seed: seed)
    var chips: [ChipSurvey] = []
    for row in 0..<rows {
      for column in 0..<columns {
        let isOutside = (row * columns + column) % 7 == 6
        chips.append(
          ChipSurvey(
            chip: ChipIndex(column: column, row: row), state: isOutside ? .outsideScene : .surveyed,
            keepProbabilities: (0..<16).map { _ in generator.uniform() },
            lowResolutionLogits: (0..<3).map { _ in generator.uniform() * 4 }))
      }
    }
    return survey(chips)
  }

  static func survey(_ chips: [ChipSurvey]) -> Survey {
    Survey(
      grid: grid, classes: ["a", "b", "c"], chips: chips, sceneDigest: "5c", modelDigest: "30",
      lowResolutionTemperature: 2)
  }

  /// A chip that wants its first `wanted` patches, most of all the last of them; `margin` is how
  /// much the first logit leads.
  static func chip(_ column: Int, wanted: Int, margin: Float) -> ChipSurvey {
    ChipSurvey(
      chip: ChipIndex(column: column, row: 0), state: .surveyed,
      keepProbabilities: (0..<16).map { $0 < wanted ? 0.6 + Float($0) / 100 : 0.1 },
      lowResolutionLogits: [margin, 0, -9])
  }

  static func euro(_ minorUnits: Int64) throws -> Money {
    try Money(minorUnits: minorUnits, currency: Currency(code: "EUR"))
  }

  /// Ten minor units a patch of 0.0256 km2, nothing else.
  static func tenPerPatch() throws -> PriceRule {
    try perSquareKilometre("390.625")
  }

  static func perSquareKilometre(_ rate: String) throws -> PriceRule {
    PriceRule(
      currency: try Currency(code: "EUR"), per: .squareKilometre,
      rate: try unwrap(DecimalRate(rate)))
  }

  /// Curves for three bins of doubt: steep and concave, then two patches that do nothing before the
  /// third settles it, then nothing at all.
  static let gains = PatchGains(
    marginEdges: [0.2, 0.5],
    gains: [
      (0...16).map { (count: Int) -> Double in
        let left = 1 - Double(count) / 16
        return 0.4 * (1 - left * left)
      },
      (0...16).map { (count: Int) -> Double in
        count < 3 ? 0 : 0.15 + 0.005 * Double(count - 3)
      },
      [Double](repeating: 0, count: 17),
    ])

  /// The demo's prices: a rate, a minimum charge and a fee.
  static func withFees() throws -> PriceRule {
    var rule = try perSquareKilometre("850")
    rule.minimumChargeMinorUnits = 500
    rule.feePerOrderMinorUnits = 150
    return rule
  }

  private struct Missing: Error {}

  private static func unwrap<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw Missing() }
    return value
  }
}
