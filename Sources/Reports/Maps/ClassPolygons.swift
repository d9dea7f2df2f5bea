// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Raster

/// The chips that have an answer, a polygon each: `classes.geojson` in WGS 84, and `classes.gpkg`
/// in the grid's system with a style for QGIS.
///
/// Both have the same columns. `low_resolution_only` says that no patch of the chip was bought or
/// owned, so that its answer comes from the scene alone; `price_share_minor_units` is the chip's
/// part of what was paid.
struct ClassPolygons {
  let inputs: ReportInputs
  /// The chips of the job; only those with an answer are drawn.
  let chips: [ReportChip]
  let classes: ClassTable
  let notice: String

  private static let pieceCount = 4096

  func writeGeoJSON(to url: URL) throws {
    let lattice = inputs.survey.grid.lattice
    let outlines = try Outlines(crs: inputs.crs)
    let names = try classes.names.map(JSONText.quoted)
    var file = try GeoJSONFile(
      url,
      members: [
        ("attribution", try JSONText.quoted(notice)),
        ("currency", try JSONText.quoted(inputs.currency.code)),
        ("job", try JSONText.quoted(inputs.job.id)),
      ])
    for start in stride(from: 0, to: chips.count, by: Self.pieceCount) {
      let piece = chips[start..<min(start + Self.pieceCount, chips.count)]
        .filter { $0.answer != nil }
      let geometries = try outlines.geometries(of: piece.map { lattice.rectangle(of: $0.chip) })
      for (chip, geometry) in zip(piece, geometries) {
        guard let answer = chip.answer else { continue }
        try file.add(
          id: "\(chip.chip)", geometry: geometry,
          properties: [
            ("class", names[answer.classIndex]),
            ("class_index", "\(answer.classIndex)"),
            ("column", "\(chip.chip.column)"),
            ("fill", "\"\(classes.colours[answer.classIndex].html)\""),
            ("low_resolution_only", "\(chip.used.isEmpty)"),
            ("patches_bought", "\(chip.bought.count)"),
            ("patches_owned", "\(chip.owned.count)"),
            ("price_share_minor_units", "\(chip.paidMinorUnits)"),
            ("probability", Figures.plain(Double(answer.probability), digits: 6)),
            ("row", "\(chip.chip.row)"),
          ])
      }
    }
    try file.finish()
  }

  func writeGeoPackage(to url: URL) throws {
    let lattice = inputs.survey.grid.lattice
    var writer = try GeoPackageWriter(
      url: url, layer: "classes", description: notice, crs: inputs.crs,
      fields: [
        .init("class", .text), .init("class_index", .integer), .init("probability", .real),
        .init("low_resolution_only", .boolean), .init("patches_bought", .integer),
        .init("patches_owned", .integer), .init("price_share_minor_units", .integer),
        .init("currency", .text), .init("column", .integer), .init("row", .integer),
      ], at: inputs.job.finishedAt)
    for chip in chips {
      guard let answer = chip.answer else { continue }
      try writer.add(
        lattice.rectangle(of: chip.chip),
        [
          .text(classes.names[answer.classIndex]), .integer(Int64(answer.classIndex)),
          .real((Double(answer.probability) * 1e6).rounded() / 1e6), .boolean(chip.used.isEmpty),
          .integer(Int64(chip.bought.count)), .integer(Int64(chip.owned.count)),
          .integer(chip.paidMinorUnits), .text(inputs.currency.code),
          .integer(Int64(chip.chip.column)), .integer(Int64(chip.chip.row)),
        ])
    }
    let style = ClassStyle(classes: classes, attribute: "class")
    try writer.setStyle(
      GeoPackageWriter.Style(name: "classes", qml: style.qml, sld: style.sld(layer: "classes")))
    try writer.finish()
  }
}
