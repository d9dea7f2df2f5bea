// SPDX-License-Identifier: Apache-2.0

import Acquisition
import ArgumentParser

/// How a scene becomes what a model sees: which bands, and which numbers are black and white.
struct ImageryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The scene's bands that the model sees, as 3,2,1; one may come twice.", valueName: "list"))
  var bands: String?
  @Option(
    name: .customLong("stretch"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "The digital numbers that become 0 and 255, for imagery that is not 8-bit; once for all "
        + "bands, or once for each.", valueName: "min,max"))
  var ranges: [String] = []

  func validate() throws {
    if let bands, bandNumbers == nil {
      throw ValidationError("--bands is a list of numbers from 1, as 3,2,1, not \"\(bands)\".")
    }
    if let wrong = ranges.first(where: { StretchRange($0) == nil }) {
      throw ValidationError("--stretch is MIN,MAX, two rising numbers, not \"\(wrong)\".")
    }
  }

  /// The bands, from 1; nil where none are named.
  var bandNumbers: [Int]? {
    guard let bands else { return nil }
    let numbers = bands.split(separator: ",", omittingEmptySubsequences: false).map {
      Int($0.drop { $0 == " " })
    }
    let known = numbers.compactMap { $0 }.filter { $0 >= 1 }
    return known.count == numbers.count ? known : nil
  }

  /// The stretch; nil where none is given.
  var stretch: Stretch? { Stretch(texts: ranges) }
}
