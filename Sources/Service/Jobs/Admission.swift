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
    try await checkMoney(request)
    if let region = request.region?.region { try await check(region, in: scene) }
    // Last: reading a whole bundle takes longest.
    try await checkModel(request.model)
    return JobRequest(
      scene: scene.record.id, region: request.region, model: request.model,
      vendor: request.vendor, budget: request.budget, cap: request.cap,
      keepThreshold: request.keepThreshold, gridOrigin: request.gridOrigin, tag: request.tag)
  }

  private func checkModel(_ name: String) async throws {
    do {
      _ = try await pool.run { [catalogue] in try catalogue.bundle(name) }
    } catch let error as ModelError {
      if case .notFound = error {
        throw ProblemDocument.field(
          "model", "\(error.reason).", got: name,
          do: "List them with fovea models, or put the bundle into models/ of the state directory.")
      }
      throw ProblemDocument(
        "model-invalid", status: 422, title: "Model refused", detail: "\(error.reason).",
        where: "/model", got: name, do: error.remedy)
    }
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
    guard let cap = request.cap else { return }
    guard cap.currency == currency, cap.minorUnits >= 0 else {
      throw ProblemDocument.field(
        "cap", "The cap is \(cap), and the budget is in \(currency).", got: "\(cap)",
        do: "Give an amount in \(currency), 0 or more.")
    }
  }

  private func check(_ region: Region, in scene: StoredScene) async throws {
    let layout = scene.facts.layout
    let projected: ProjectedRegion
    do {
      projected = try await pool.run {
        try region.checkGeometry()
        return try region.projected(into: layout.crs)
      }
    } catch let error as RegionError {
      throw ProblemDocument(error, pointer: "/region")
    } catch let error as RasterError {
      throw ProblemDocument(
        "region-no-overlap", status: 422, title: "Region refused",
        detail: "The region lies outside of what \(layout.crs) can hold: \(error.reason).",
        where: "/region", do: "Give a region that the scene covers.")
    }
    let (bounds, extent) = (projected.boundingRectangle, layout.extent)
    guard projected.areaSquareMetres(within: extent) > 0 else {
      throw ProblemDocument(
        "region-no-overlap", status: 422, title: "Region refused",
        detail: "The region covers \(bounds.map(Self.shown) ?? "nothing"), and the scene "
          + "\(scene.record.name) covers \(Self.shown(extent)), in metres of \(layout.crs).",
        where: "/region", do: "Give a region that the scene covers, or another scene.")
    }
  }

  private static func shown(_ rectangle: ProjectedRectangle) -> String {
    func metres(_ value: Double) -> String { String(format: "%.0f", value) }
    return "x \(metres(rectangle.west)) to \(metres(rectangle.east)), "
      + "y \(metres(rectangle.south)) to \(metres(rectangle.north))"
  }
}
