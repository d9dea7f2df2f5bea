// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation

/// `predictions.tsv`: a line for each chip that has an answer, by row and column.
///
/// Columns are row, column, mask, class and probability: what `fovea evaluate --predictions` says
/// of the same chips, so that the two can be compared.
enum PredictionsTable {
  static func write(
    _ results: [ChipResult], patchGrid: PatchGrid, classes: [String], to url: URL
  ) throws {
    var file = try TextFile(url)
    try file.append("row\tcolumn\tmask\tclass\tprobability\n")
    for result in results.sorted(by: { $0.chip < $1.chip }) {
      let fields = [
        "\(result.chip.row)", "\(result.chip.column)", result.mask.hexadecimal(of: patchGrid),
        plain(classes[result.classIndex]),
        Figures.plain(Double(result.probabilities[result.classIndex]), digits: 6),
      ]
      try file.append(fields.joined(separator: "\t") + "\n")
    }
    try file.finish()
  }

  // A class name comes from a bundle; a tab or a line end in it would shift the columns.
  private static func plain(_ name: String) -> String {
    String(name.map { $0.isNewline || $0 == "\t" ? " " : $0 })
  }
}
