// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import PatchDrop
import Planning
import Platform
import Raster
import Wire

/// Decides whether a job may enter the queue: everything that it names must be there and fit.
struct Admission: Sendable {
  let scenes: SceneStore
  let ledger: Ledger
  let catalogue: Catalogue
  /// Where a scene's clean copy is.
  let sceneFile: @Sendable (_ id: String) -> URL
  /// Where the ledger, bundles and GEOS are asked, which blocks.
  let pool: ComputePool

  /// The request with its scene's full id.
  ///
  /// - Throws: `ProblemDocument` naming the field.
  @Sendable func admit(_ request: JobRequest) async throws -> JobRequest {
    let scene: StoredScene
    do {
      scene = try await scenes.scene(request.scene)
    } catch {
      throw ProblemDocument.field("scene", "\(error)", got: request.scene, do: "Add it first.")
    }
    if let threshold = request.keepThreshold, !(0...1).contains(threshold) {
      throw ProblemDocument.field(
        "keep_threshold", "A probability is from 0 to 1.", got: "\(threshold)",
        do: "Give a number from 0 to 1, or leave it out.")
    }
    guard JobRequest.priorities.contains(request.priority) else {
      throw ProblemDocument.field(
        "priority", "A priority is from -100 to 100.", got: "\(request.priority)",
        do: "Give one of them; 0 is usual, and a higher one runs first.")
    }
    try await checkMoney(request)
    let crs = try await latticeCRS(request, over: scene)
    let region = try await region(request, over: scene, in: crs)
    // Last: reading a whole bundle and a look at the scene take longest.
    try await checkModel(request, region, crs, scene)
    var admitted = request
    admitted.scene = scene.record.id
    return admitted
  }

  private func checkMoney(_ request: JobRequest) async throws {
    guard let vendor = catalogue.vendor(request.vendor) else {
      let known = catalogue.vendors.map(\.product.vendor)
      let nearest = NearestName.of(request.vendor, among: known).map { "Did you mean \($0)? " }
      throw ProblemDocument.field(
        "vendor", "There is no such vendor.", got: request.vendor,
        do: (nearest ?? "")
          + (known.isEmpty
            ? "Add one to vendors: in fovead.yaml." : "Use \(known.joined(separator: ", "))."))
    }
    let currency: Currency
    do {
      currency = try await pool.run { [ledger] in try ledger.budget(request.budget) }.currency
    } catch let error as LedgerError {
      guard case .unknownBudget = error else { throw error }
      throw ProblemDocument.field(
        "budget", "There is no such budget.", got: request.budget,
        do: "List them with fovea budget list, or create it.")
    }
    guard currency == vendor.prices.currency else {
      throw ProblemDocument.field(
        "budget",
        "The budget is in \(currency), and the vendor's prices are in "
          + "\(vendor.prices.currency).", got: request.budget,
        do: "Use a budget in \(vendor.prices.currency).")
    }
    for (name, amount) in [("cap", request.cap), ("approve_over", request.approveOver)] {
      guard let amount, amount.currency != currency || amount.minorUnits < 0 else { continue }
      throw ProblemDocument.field(
        name, "The amount is \(amount), and the budget is in \(currency).", got: "\(amount)",
        do: "Give an amount in \(currency), 0 or more.")
    }
  }

  /// The region in the chips' plane, checked to be sound and to lie on the scene.
  private func region(
    _ request: JobRequest, over scene: StoredScene, in crs: String
  ) async throws -> ProjectedRegion {
    guard request.region == nil || request.bounds == nil else {
      throw ProblemDocument.field(
        "bounds", "There is a region already.", do: "Give region or bounds, not both.")
    }
    if let bounds = request.bounds, !(bounds.west < bounds.east && bounds.south < bounds.north) {
      throw ProblemDocument.field(
        "bounds", "The west is not west of the east, or the south not south of the north.",
        do: "Give west, south, east and north in the scene's own system.")
    }
    let projected: ProjectedRegion
    let outline: ProjectedRegion
    do {
      (projected, outline) = try await pool.run {
        try request.region?.region.checkGeometry()
        return (
          try request.region(over: scene.facts, in: crs), try scene.facts.layout.outline(in: crs)
        )
      }
    } catch let error as RegionError {
      throw ProblemDocument(error, pointer: "/region")
    } catch let error as RasterError {
      throw ProblemDocument(
        "region-no-overlap", status: 422, title: "Region refused",
        detail: "The region lies outside of what \(SceneReading.name(ofCRS: crs)) can hold: "
          + "\(error.reason).",
        where: "/region", do: "Give a region that the scene covers.")
    }
    let (bounds, extent) = (projected.boundingRectangle, outline.boundingRectangle)
    guard let extent, projected.areaSquareMetres(within: extent) > 0 else {
      throw ProblemDocument(
        "region-no-overlap", status: 422, title: "Region refused",
        detail: "The region covers \(bounds.map(Self.shown) ?? "nothing"), and the scene "
          + "\(scene.record.name) covers \(extent.map(Self.shown) ?? "nothing"), in metres of "
          + "\(SceneReading.name(ofCRS: crs)).",
        where: request.bounds == nil ? "/region" : "/bounds",
        do: "Give a region that the scene covers, or another scene.")
    }
    return projected
  }

  private static func shown(_ rectangle: ProjectedRectangle) -> String {
    func metres(_ value: Double) -> String { String(format: "%.0f", value) }
    return "x \(metres(rectangle.west)) to \(metres(rectangle.east)), "
      + "y \(metres(rectangle.south)) to \(metres(rectangle.north))"
  }
}
