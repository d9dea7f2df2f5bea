// SPDX-License-Identifier: Apache-2.0

import Acquisition
public import Foundation
import Ledger
import Raster

/// `plan.geojson`: a feature for each chip and each ordered rectangle, in WGS 84 (RFC 7946).
///
/// Chips have `kind` `chip`, rectangles `order_item`. Masks are hexadecimal, patch 0 the lowest
/// bit. A chip's price share is its part of what the ledger captured for the job's orders, in
/// whole minor units whose sum is exactly what was captured.
///
/// ```swift
/// let data = try PlanGeoJSON.encode(inputs)
/// ```
public enum PlanGeoJSON {
  /// The document's bytes; keys sorted, one feature a line.
  ///
  /// - Throws: `ReportError`, `MoneyError`; `RasterError` where a corner has no longitude and
  ///   latitude.
  public static func encode(_ inputs: ReportInputs) throws -> Data {
    try encode(inputs, chips: inputs.joinedChips())
  }

  static func encode(_ inputs: ReportInputs, chips: [ReportChip]) throws -> Data {
    let lattice = inputs.survey.grid.lattice
    let names = try inputs.survey.classes.map(JSONText.quoted)
    let shares = try priceShares(inputs)
    var rectangles = chips.map { lattice.rectangle(of: $0.chip) }
    rectangles += inputs.orders.flatMap(\.draft.rectangles).map {
      $0.ground(on: inputs.survey.grid)
    }
    var rings = try rings(of: rectangles, crs: inputs.crs)[...]
    var features: [String] = []
    features.reserveCapacity(rings.count)
    for chip in chips {
      features.append(
        try feature(
          id: "\(chip.chip)", ring: rings.removeFirst(),
          properties: properties(
            of: chip, patchGrid: inputs.survey.grid.patchGrid, names: names,
            priceShareMinorUnits: shares[chip.chip] ?? 0)))
    }
    for order in inputs.orders {
      let bought = Set(order.boughtItems.map(\.number))
      for item in order.draft.rectangles.indices {
        features.append(
          try feature(
            id: "\(order.key.text)/\(item)", ring: rings.removeFirst(),
            properties: properties(of: order, item: item, isBought: bought.contains(item))))
      }
    }
    let text = """
      {"currency":\(try JSONText.quoted(inputs.currency.code)),"features":[
      \(features.joined(separator: ",\n"))
      ],"job":\(try JSONText.quoted(inputs.job.id)),"type":"FeatureCollection"}

      """
    return Data(text.utf8)
  }

  private static func properties(
    of chip: ReportChip, patchGrid: PatchGrid, names: [String], priceShareMinorUnits: Int64
  ) -> [(key: String, value: String)] {
    var fields = [
      ("bought", "\"\(chip.bought.hexadecimal(of: patchGrid))\""),
      ("column", "\(chip.chip.column)"),
      ("kind", "\"chip\""),
      ("owned", "\"\(chip.owned.hexadecimal(of: patchGrid))\""),
      ("patches", "\(chip.used.count)"),
      ("price_share_minor_units", "\(priceShareMinorUnits)"),
      ("row", "\(chip.chip.row)"),
      ("state", "\"\(chip.state.name)\""),
      ("wanted", "\"\(chip.wanted.hexadecimal(of: patchGrid))\""),
    ]
    for (prefix, answer) in [("", chip.answer), ("low_resolution_", chip.lowResolution)] {
      guard let answer else { continue }
      fields.append(("\(prefix)class", names[answer.classIndex]))
      fields.append(
        ("\(prefix)probability", Figures.plain(Double(answer.probability), digits: 6)))
    }
    return fields
  }

  private static func properties(
    of order: OrderRecord, item: Int, isBought: Bool
  ) throws -> [(key: String, value: String)] {
    let patches = order.draft.rectangles[item].patchCount
    let area = Int64(patches) * order.draft.grid.patchAreaSquareMillimetres
    var fields = [
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
    return fields
  }

  static func feature(
    id: String, ring: String, properties: [(key: String, value: String)]
  ) throws -> String {
    let fields = properties.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
    return "{\"geometry\":{\"coordinates\":[\(ring)],\"type\":\"Polygon\"},"
      + "\"id\":\(try JSONText.quoted(id)),"
      + "\"properties\":{\(fields.joined(separator: ","))},\"type\":\"Feature\"}"
  }

  /// The outlines in longitude and latitude, counterclockwise as RFC 7946 wants them.
  ///
  /// Seven decimals are a centimetre.
  static func rings(of rectangles: [ProjectedRectangle], crs: String) throws -> [String] {
    let transform = try CoordinateTransform(from: crs, to: "EPSG:4326")
    let corners = rectangles.flatMap { ground in
      [
        ProjectedPoint(x: ground.west, y: ground.south),
        ProjectedPoint(x: ground.east, y: ground.south),
        ProjectedPoint(x: ground.east, y: ground.north),
        ProjectedPoint(x: ground.west, y: ground.north),
      ]
    }
    let points = try transform.convert(corners).map { point in
      "[\(Figures.plain(point.x, digits: 7)),\(Figures.plain(point.y, digits: 7))]"
    }
    return rectangles.indices.map { index in
      let ring = points[index * 4..<index * 4 + 4]
      return "[" + (ring + ring.prefix(1)).joined(separator: ",") + "]"
    }
  }

  /// What was captured for each chip's patches, in minor units.
  ///
  /// An item's capture is spread over its patches so that parts differ by one at most.
  private static func priceShares(_ inputs: ReportInputs) throws -> [ChipIndex: Int64] {
    var captures: [UUID: [Int: Int64]] = [:]
    for entry in inputs.entries where entry.operation == .capture {
      guard let order = entry.order, let item = entry.item else { continue }
      captures[order, default: [:]][item, default: 0] += entry.amount.minorUnits
    }
    var shares: [ChipIndex: Int64] = [:]
    for order in inputs.orders {
      for item in order.boughtItems {
        let positions = item.rectangle.positions
        let captured = captures[order.key]?[item.number] ?? 0
        let (part, rest) = captured.quotientAndRemainder(dividingBy: Int64(positions.count))
        for (index, position) in positions.enumerated() {
          let chip = position.chipAndPatch(in: inputs.survey.grid.patchGrid).chip
          shares[chip, default: 0] += part + (Int64(index) < rest ? 1 : 0)
        }
      }
    }
    return shares
  }
}

/// Text as JSON has it.
enum JSONText {
  /// A string in quotes, with what must be escaped escaped.
  static func quoted(_ text: String) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    return String(decoding: try encoder.encode(text), as: UTF8.self)
  }
}
