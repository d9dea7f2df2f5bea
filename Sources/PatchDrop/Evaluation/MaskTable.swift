// SPDX-License-Identifier: Apache-2.0

public import Acquisition
import Foundation

/// Masks that were planned elsewhere, as a table of `row`, `column` and `mask` (hexadecimal),
/// separated by tabs; chips that are not in it buy nothing.
public struct MaskTable: Sendable {
  /// The masks by chip.
  public let masks: [ChipIndex: PatchMask]

  /// Reads a table; a head line is skipped.
  ///
  /// - Throws: `ModelError.malformedTable`.
  public init(_ text: String, path: String, grid: PatchGrid) throws(ModelError) {
    var masks: [ChipIndex: PatchMask] = [:]
    for (number, line) in text.split(whereSeparator: \.isNewline).enumerated() {
      let fields = line.split(separator: "\t")
      if number == 0, fields.first == "row" { continue }
      guard fields.count >= 3, let row = Int(fields[0]), let column = Int(fields[1]),
        let bits = UInt64(fields[2], radix: 16),
        PatchMask(bits: bits).subtracting(.all(of: grid)).isEmpty
      else {
        throw .malformedTable(
          path: path, line: number + 1,
          reason: "not a row, a column and a mask of hexadecimal digits")
      }
      masks[ChipIndex(column: column, row: row)] = PatchMask(bits: bits)
    }
    self.masks = masks
  }
}
