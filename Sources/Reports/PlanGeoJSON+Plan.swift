// SPDX-License-Identifier: Apache-2.0

import Acquisition
public import Foundation
public import Planning

extension PlanGeoJSON {
  /// A plan before anything is bought: a feature for each chip and each rectangle to order.
  ///
  /// Chips have `kind` `chip`, with the reason of their choice; those that could not be surveyed
  /// have their state alone. Rectangles have `kind` `order_item` and the number and price of their
  /// order.
  ///
  /// - Parameter job: the job's id.
  /// - Throws: `RasterError` where a corner has no longitude and latitude.
  public static func encode(_ plan: Plan, job: String) throws -> Data {
    let (lattice, patchGrid) = (plan.grid.lattice, plan.grid.patchGrid)
    let names = try plan.classes.map(JSONText.quoted)
    var rectangles = plan.chips.map { lattice.rectangle(of: $0.chip) }
    rectangles += plan.unplanned.map { lattice.rectangle(of: $0.chip) }
    rectangles += plan.orders.flatMap(\.draft.rectangles).map { $0.ground(on: plan.grid) }
    var rings = try rings(of: rectangles, crs: lattice.crs)[...]
    var features: [String] = []
    features.reserveCapacity(rings.count)
    for chip in plan.chips {
      features.append(
        try feature(
          id: "\(chip.chip)", ring: rings.removeFirst(),
          properties: place(chip.chip, state: .surveyed) + [
            ("low_resolution_class", names[chip.lowResolutionClass]),
            (
              "low_resolution_probability",
              Figures.plain(Double(chip.lowResolutionProbability), digits: 6)
            ),
            ("owned", "\"\(chip.owned.hexadecimal(of: patchGrid))\""),
            ("patches", "\(chip.mask.count)"),
            ("reason", "\"\(chip.reason.rawValue)\""),
            ("to_buy", "\"\(chip.toBuy.hexadecimal(of: patchGrid))\""),
            ("wanted", "\"\(chip.wanted.hexadecimal(of: patchGrid))\""),
          ]))
    }
    for chip in plan.unplanned {
      features.append(
        try feature(
          id: "\(chip.chip)", ring: rings.removeFirst(),
          properties: place(chip.chip, state: chip.state)))
    }
    for (number, order) in plan.orders.enumerated() {
      for (item, rectangle) in order.draft.rectangles.enumerated() {
        let area = Int64(rectangle.patchCount) * plan.grid.patchAreaSquareMillimetres
        features.append(
          try feature(
            id: "\(number)/\(item)", ring: rings.removeFirst(),
            properties: [
              ("area_m2", Figures.plain(Double(area) / 1e6, digits: 3)), ("item", "\(item)"),
              ("kind", "\"order_item\""), ("order", "\(number)"),
              ("order_price_minor_units", "\(order.price.minorUnits)"),
              ("patches", "\(rectangle.patchCount)"),
              ("product", try JSONText.quoted(order.draft.product.description)),
            ]))
      }
    }
    let text = """
      {"currency":\(try JSONText.quoted(plan.price.currency.code)),"features":[
      \(features.joined(separator: ",\n"))
      ],"job":\(try JSONText.quoted(job)),"type":"FeatureCollection"}

      """
    return Data(text.utf8)
  }

  private static func place(
    _ chip: ChipIndex, state: ChipState
  ) -> [(key: String, value: String)] {
    [
      ("column", "\(chip.column)"), ("kind", "\"chip\""), ("row", "\(chip.row)"),
      ("state", "\"\(state.name)\""),
    ]
  }
}
