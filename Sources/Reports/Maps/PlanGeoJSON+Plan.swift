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
    let collection = try GeoJSONCollection(
      members: [
        ("currency", try JSONText.quoted(plan.price.currency.code)),
        ("job", try JSONText.quoted(job)),
      ] + JSONText.reading(plan.reading))
    let (lattice, patchGrid) = (plan.grid.lattice, plan.grid.patchGrid)
    let names = try plan.classes.map(JSONText.quoted)
    var rectangles = plan.chips.map { lattice.rectangle(of: $0.chip) }
    rectangles += plan.unplanned.map { lattice.rectangle(of: $0.chip) }
    rectangles += plan.orders.flatMap(\.draft.rectangles).map { $0.ground(on: plan.grid) }
    var geometries = try Outlines(crs: lattice.crs).geometries(of: rectangles)[...]
    var features: [String] = []
    features.reserveCapacity(geometries.count)
    func add(_ id: String, _ properties: [GeoJSONCollection.Property]) throws {
      features.append(
        try GeoJSONCollection.feature(
          id: id, geometry: geometries.removeFirst(), properties: properties))
    }
    for chip in plan.chips {
      try add("\(chip.chip)", properties(of: chip, patchGrid: patchGrid, names: names))
    }
    for chip in plan.unplanned { try add("\(chip.chip)", place(chip.chip, state: chip.state)) }
    for (number, order) in plan.orders.enumerated() {
      for (item, rectangle) in order.draft.rectangles.enumerated() {
        let area = Int64(rectangle.patchCount) * plan.grid.patchAreaSquareMillimetres
        try add(
          "\(number)/\(item)",
          [
            ("area_m2", Figures.plain(Double(area) / 1e6, digits: 3)), ("item", "\(item)"),
            ("kind", "\"order_item\""), ("order", "\(number)"),
            ("order_price_minor_units", "\(order.price.minorUnits)"),
            ("patches", "\(rectangle.patchCount)"),
            ("product", try JSONText.quoted(order.draft.product.description)),
          ])
      }
    }
    return Data(
      (collection.beginning + features.joined(separator: ",\n") + collection.ending).utf8)
  }

  private static func properties(
    of chip: PlannedChip, patchGrid: PatchGrid, names: [String]
  ) -> [GeoJSONCollection.Property] {
    let probability = Figures.plain(Double(chip.lowResolutionProbability), digits: 6)
    return place(chip.chip, state: .surveyed) + [
      ("low_resolution_class", names[chip.lowResolutionClass]),
      ("low_resolution_probability", probability),
      ("owned", "\"\(chip.owned.hexadecimal(of: patchGrid))\""),
      ("patches", "\(chip.mask.count)"),
      ("reason", "\"\(chip.reason.rawValue)\""),
      ("to_buy", "\"\(chip.toBuy.hexadecimal(of: patchGrid))\""),
      ("wanted", "\"\(chip.wanted.hexadecimal(of: patchGrid))\""),
    ]
  }

  private static func place(
    _ chip: ChipIndex, state: ChipState
  ) -> [GeoJSONCollection.Property] {
    [
      ("column", "\(chip.column)"), ("kind", "\"chip\""), ("row", "\(chip.row)"),
      ("state", "\"\(state.name)\""),
    ]
  }
}
