// SPDX-License-Identifier: Apache-2.0

/// Which bands of a raster are read, and in which order.
public enum BandSelection: Hashable, Sendable {
  /// All of them; an alpha band is validity and none of them.
  case all
  /// Bands by their numbers, from 1; a band may come twice.
  case numbers([Int])
  /// The band of each colour.
  case colours([BandColour])

  /// Red, green and blue.
  public static let redGreenBlue = BandSelection.colours([.red, .green, .blue])

  /// The numbers of the chosen bands, from 1.
  ///
  /// - Throws: `RasterError.unsupported` where the raster has no such band.
  public func numbers(in bands: [BandFacts]) throws(RasterError) -> [Int] {
    switch self {
    case .all: return Array(1...max(1, bands.count))
    case .numbers(let numbers):
      if let missing = numbers.first(where: { !(1...max(1, bands.count)).contains($0) }) {
        throw .unsupported(
          reason: "it has no band \(missing): it has \(bands.count)",
          remedy: "Name bands from 1 to \(bands.count).")
      }
      guard !numbers.isEmpty else {
        throw .unsupported(reason: "no band is named", remedy: "Name at least one band.")
      }
      return numbers
    case .colours(let colours):
      var numbers: [Int] = []
      for colour in colours {
        guard let index = bands.firstIndex(where: { $0.colour == colour }) else {
          throw .unsupported(
            reason: "none of its \(bands.count) bands is marked as \(colour.rawValue)",
            remedy: "Name the bands by their numbers.")
        }
        numbers.append(index + 1)
      }
      return numbers
    }
  }
}
