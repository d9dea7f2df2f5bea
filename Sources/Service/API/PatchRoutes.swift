// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Hummingbird
import Ledger
import Planning
import Platform
import Raster
import Wire

/// `/v1/patches`: what is owned.
struct PatchRoutes: Sendable {
  private static let largestPage = 1000

  let ledger: Ledger
  let catalogue: Catalogue
  /// Where the ledger and PROJ are asked, which blocks.
  let pool: ComputePool

  func add(to routes: inout RouteTable) {
    routes.get("v1/patches") { request, _ in
      let page = try PageQuery(request, largestPage: Self.largestPage)
      let query = try PatchQuery(request)
      let last = try page.after.map(Place.init)
      return try Answer.json(
        try await pool.run { try patches(query, after: last, limit: page.limit) })
    }
  }

  /// Where a page ends: a layer, and a patch of it.
  private struct Place {
    let layer: Int64
    let patch: PatchPosition

    init(layer: Int64, patch: PatchPosition) {
      self.layer = layer
      self.patch = patch
    }

    init(_ text: String) throws {
      let numbers = text.split(separator: ".").compactMap { Int64($0) }
      guard numbers.count == 3 else {
        throw ProblemDocument(
          "query-malformed", status: 400, title: "Malformed query",
          detail: "This is no end of a page.", where: "?after", got: text,
          do: "Give what the page before has as next.")
      }
      self.init(
        layer: numbers[0], patch: PatchPosition(column: Int(numbers[1]), row: Int(numbers[2])))
    }

    var text: String { "\(layer).\(patch.column).\(patch.row)" }
  }

  private func patches(
    _ query: PatchQuery, after last: Place?, limit: Int
  ) throws -> ItemList<PatchRecord> {
    var records: [PatchRecord] = []
    for layer in try ledger.holdingLayers()
    where query.matches(layer.product) && layer.id >= last?.layer ?? 0 {
      let window: PatchRectangle?
      switch query.area {
      case .everywhere: window = nil
      case .window(let rectangle): window = rectangle
      case .ground(let region):
        guard let rectangle = Self.window(of: region, in: layer) else { continue }
        window = rectangle
      }
      let patches = try ledger.heldPatches(
        of: layer, within: window, after: last?.layer == layer.id ? last?.patch : nil,
        limit: limit - records.count)
      records += patches.map { record($0, in: layer) }
      if records.count == limit, let patch = patches.last {
        return ItemList(
          items: records, next: Place(layer: layer.id, patch: patch.position).text)
      }
    }
    return ItemList(items: records)
  }

  /// The patches of a layer that touch a region; nil where its CRS cannot hold the region.
  private static func window(of region: Region, in layer: HoldingLayer) -> PatchRectangle? {
    // A region on the other side of the Earth has no patches here, which is no error.
    let ground = try? region.projected(into: layer.lattice.crs).boundingRectangle
    return ground.flatMap { layer.patches(touching: $0) }
  }

  private func record(_ patch: HeldPatch, in layer: HoldingLayer) -> PatchRecord {
    let (product, position) = (layer.product, patch.position)
    let entry = catalogue.vendor(product.vendor)
    let licence = entry?.product.product == product.product ? entry?.prices.licence : nil
    let year = Calendar(identifier: .gregorian).component(.year, from: patch.boughtAt)
    return PatchRecord(
      vendor: product.vendor, product: product.product, acquisition: product.item,
      crs: layer.lattice.crs, column: position.column, row: position.row,
      bounds: layer.ground(of: position), price: patch.price, boughtAt: patch.boughtAt,
      order: patch.order.text, item: patch.item,
      file: .init(name: patch.path, sha256: patch.sha256, byteCount: patch.byteCount),
      licence: licence, attribution: licence?.attribution(year: year))
  }
}

/// Which patches are asked for: `?vendor=&product=&bbox=W,S,E,N` or `&window=COLUMN,ROW,COLUMNS,ROWS`.
private struct PatchQuery: Sendable {
  enum Area: Sendable {
    case everywhere
    /// Patches of the lattice.
    case window(PatchRectangle)
    /// A rectangle of longitudes and latitudes.
    case ground(Region)
  }

  let vendor: String?
  let product: String?
  let area: Area

  init(_ request: Request) throws {
    let query = request.uri.queryParameters
    vendor = query.get("vendor")
    product = query.get("product")
    switch (query.get("bbox"), query.get("window")) {
    case (nil, nil): area = .everywhere
    case (let bbox?, nil): area = .ground(try Self.region(bbox))
    case (nil, let window?): area = .window(try Self.window(window))
    case (_?, let window?):
      throw Self.malformed("window", window, "bbox and window exclude each other.", "Give one.")
    }
  }

  func matches(_ product: ProductID) -> Bool {
    (vendor ?? product.vendor) == product.vendor
      && (self.product ?? product.product) == product.product
  }

  private static func region(_ text: String) throws -> Region {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
    let edges = numbers.compactMap(\.self)
    guard numbers.count == 4, edges.count == 4, abs(edges[0]) <= 180, abs(edges[2]) <= 180,
      abs(edges[1]) <= 90, abs(edges[3]) <= 90, edges[0] < edges[2], edges[1] < edges[3]
    else {
      throw malformed(
        "bbox", text, "This is no rectangle of longitudes and latitudes.",
        "Give WEST,SOUTH,EAST,NORTH in degrees, west below east and south below north.")
    }
    let corners = [(0, 1), (2, 1), (2, 3), (0, 3), (0, 1)].map { x, y in
      Coordinate(longitude: edges[x], latitude: edges[y])
    }
    return Region(polygons: [[corners]])
  }

  private static func window(_ text: String) throws -> PatchRectangle {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int32($0) }
    let cells = numbers.compactMap { $0.map(Int.init) }
    guard numbers.count == 4, cells.count == 4, cells[2] > 0, cells[3] > 0 else {
      throw malformed(
        "window", text, "This is no rectangle of patches.",
        "Give COLUMN,ROW,COLUMNS,ROWS in whole numbers, the last two above 0.")
    }
    return PatchRectangle(
      column: cells[0], row: cells[1], columnCount: cells[2], rowCount: cells[3])
  }

  private static func malformed(
    _ name: String, _ got: String, _ detail: String, _ remedy: String
  ) -> ProblemDocument {
    ProblemDocument(
      "query-malformed", status: 400, title: "Malformed query", detail: detail, where: "?\(name)",
      got: got, do: remedy)
  }
}
