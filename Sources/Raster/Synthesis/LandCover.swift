// SPDX-License-Identifier: Apache-2.0

/// What covers a pixel of a synthetic landscape; the classes and their order are EuroSAT's
/// (Helber et al., 2019), so that its models can be scored on one.
enum LandCover: UInt8, CaseIterable, Sendable {
  case annualCrop, forest, herbaceousVegetation, highway, industrial
  case pasture, permanentCrop, residential, river, seaLake

  /// The class as data sets and models name it.
  var name: String {
    switch self {
    case .annualCrop: "AnnualCrop"
    case .forest: "Forest"
    case .herbaceousVegetation: "HerbaceousVegetation"
    case .highway: "Highway"
    case .industrial: "Industrial"
    case .pasture: "Pasture"
    case .permanentCrop: "PermanentCrop"
    case .residential: "Residential"
    case .river: "River"
    case .seaLake: "SeaLake"
    }
  }

  /// How many pixels a pixel of it counts for when a chip is given its class: what is thin, yet
  /// catches the eye, names the chip that it crosses.
  var weight: Int {
    switch self {
    case .highway: 16
    case .river: 5
    case .industrial, .residential: 2
    default: 1
    }
  }

  /// The names and colours that a truth map has.
  static let table = ClassTable(names: allCases.map(\.name))

  /// The class of the most pixels, weighted; of equals, the first.
  ///
  /// - Parameter counts: the pixels of each class.
  static func prevailing(_ counts: [Int]) -> LandCover {
    var best = LandCover.annualCrop
    for cover in allCases
    where counts[Int(cover.rawValue)] * cover.weight > counts[Int(best.rawValue)] * best.weight {
      best = cover
    }
    return best
  }
}
