// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import Planning
import Platform
import Raster

/// `plan.geojson`: a feature for each chip and each ordered rectangle, in WGS 84 (RFC 7946).
///
/// Chips have `kind` `chip`, rectangles `order_item`. Masks are hexadecimal, patch 0 the lowest
/// bit; `keep` has the policy's probability of each patch. A chip's price share is its part of what
/// the ledger captured for the job's orders, in whole minor units whose sum is exactly what was
/// captured.
public enum PlanGeoJSON {
  static func write(_ inputs: ReportInputs, chips: [ReportChip], to url: URL) throws {
    let grid = inputs.survey.grid
    let outlines = try Outlines(crs: inputs.crs)
    let names = try inputs.survey.classes.map(JSONText.quoted)
    var file = try GeoJSONFile(
      url,
      members: [
        ("currency", try JSONText.quoted(inputs.currency.code)),
        ("job", try JSONText.quoted(inputs.job.id)),
      ] + JSONText.reading(inputs.survey.reading))
    // Chips are those of the survey, in its order; a piece at a time keeps memory small.
    for start in stride(from: 0, to: chips.count, by: pieceCount) {
      let piece = start..<min(start + pieceCount, chips.count)
      let geometries = try outlines.geometries(
        of: chips[piece].map { grid.lattice.rectangle(of: $0.chip) })
      for (index, geometry) in zip(piece, geometries) {
        try file.add(
          id: "\(chips[index].chip)", geometry: geometry,
          properties: properties(
            of: chips[index], keep: inputs.survey.chips[index].keepProbabilities,
            patchGrid: grid.patchGrid, names: names))
      }
    }
    for order in inputs.orders {
      let bought = Set(order.boughtItems.map(\.number))
      let geometries = try outlines.geometries(
        of: order.draft.rectangles.map { $0.ground(on: grid) })
      for (item, geometry) in geometries.enumerated() {
        try file.add(
          id: "\(order.key.text)/\(item)", geometry: geometry,
          properties: properties(
            of: order, item: item, isBought: bought.contains(item),
            charge: order.items.first { $0.number == item }?.charge))
      }
    }
    try file.finish()
  }

  private static let pieceCount = 4096

  private static func properties(
    of chip: ReportChip, keep: some Sequence<Float>, patchGrid: PatchGrid, names: [String]
  ) -> [GeoJSONCollection.Property] {
    var fields: [GeoJSONCollection.Property] = [
      ("bought", "\"\(chip.bought.hexadecimal(of: patchGrid))\""),
      ("column", "\(chip.chip.column)"),
      ("kind", "\"chip\""),
      ("owned", "\"\(chip.owned.hexadecimal(of: patchGrid))\""),
      ("patches", "\(chip.used.count)"),
      ("price_share_minor_units", "\(chip.paidMinorUnits)"),
      ("row", "\(chip.chip.row)"),
      ("state", "\"\(chip.state.name)\""),
      ("wanted", "\"\(chip.wanted.hexadecimal(of: patchGrid))\""),
    ]
    if chip.state == .surveyed {
      let keep = keep.map { Figures.plain(Double($0), digits: 4) }
      fields.append(("keep", "[\(keep.joined(separator: ","))]"))
    }
    if let reason = chip.reason { fields.append(("reason", "\"\(reason.rawValue)\"")) }
    for (prefix, answer) in [("", chip.answer), ("low_resolution_", chip.lowResolution)] {
      guard let answer else { continue }
      fields.append(("\(prefix)class", names[answer.classIndex]))
      fields.append(
        ("\(prefix)probability", Figures.plain(Double(answer.probability), digits: 6)))
    }
    return fields
  }

  private static func properties(
    of order: OrderRecord, item: Int, isBought: Bool, charge: Money?
  ) throws -> [GeoJSONCollection.Property] {
    let patches = order.draft.rectangles[item].patchCount
    let area = Int64(patches) * order.draft.grid.patchAreaSquareMillimetres
    var fields: [GeoJSONCollection.Property] = [
      ("area_m2", Figures.plain(Double(area) / 1e6, digits: 3)),
      ("is_bought", "\(isBought)"),
      ("item", "\(item)"),
      ("kind", "\"order_item\""),
      ("order", try JSONText.quoted(order.key.text)),
      ("order_state", "\"\(order.state.rawValue)\""),
      ("patches", "\(patches)"),
      ("product", try JSONText.quoted(order.draft.product.description)),
    ]
    if let name = order.vendorOrderID {
      fields.append(("vendor_order", try JSONText.quoted(name)))
    }
    if let quote = order.quote {
      fields.append(("order_price_minor_units", "\(quote.price.minorUnits)"))
    }
    if let charge { fields.append(("charged_minor_units", "\(charge.minorUnits)")) }
    return fields
  }
}
