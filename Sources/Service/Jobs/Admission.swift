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
    guard JobRequest.priorities.contains(request.priority) else {
      throw ProblemDocument.field(
        "priority", "A priority is from -100 to 100.", got: "\(request.priority)",
        do: "Give one of them; 0 is usual, and a higher one runs first.")
    }
    if let stretch = request.stretch, scene.facts.layout.pixelType == .uint8 {
      throw ProblemDocument.field(
        "stretch", "The scene is 8-bit, as the models need it.", got: "\(stretch)",
        do: "Leave it out; it is for scenes of 16 bits or floating-point numbers.")
    }
    try await checkMoney(request)
    let region = try await region(request, in: scene)
    // Last: reading a whole bundle takes longest.
    try await checkModel(request, region, scene)
    var admitted = request
    admitted.scene = scene.record.id
    return admitted
  }

  /// Checks that the model is there, and that its chips can be laid over scene and region.
  private func checkModel(
    _ request: JobRequest, _ region: ProjectedRegion, _ scene: StoredScene
  ) async throws {
    let layout = scene.facts.layout
    do {
      try await pool.run { [catalogue] in
        let model = try catalogue.bundle(request.model).card
        let grid = request.grid(over: layout, of: model)
        try Surveyor.check(layout, grid: grid, model: model, name: scene.record.name)
        try grid.checkSize(of: region)
      }
    } catch let error as RegionError {
      throw ProblemDocument(error, pointer: request.bounds == nil ? "/region" : "/bounds")
    } catch let error as ModelError {
      throw Self.problem(error, request)
    }
  }

  private static func problem(_ error: ModelError, _ request: JobRequest) -> ProblemDocument {
    switch error {
    case .notFound:
      .field(
        "model", "\(error.reason).", got: request.model,
        do: "List them with fovea models, or put the bundle into models/ of the state directory.")
    case .offLattice:
      ProblemDocument(
        "scene-off-lattice", status: 422, title: "Scene refused", detail: "\(error.reason).",
        where: "/grid_origin", got: request.gridOrigin.description, do: error.remedy)
    case .unlikeModel:
      ProblemDocument(
        "scene-unlike-model", status: 422, title: "Scene refused", detail: "\(error.reason).",
        where: "/scene", got: request.scene,
        do: "Give a scene like those of the model \(request.model), or another model.")
    default:
      ProblemDocument(
        "model-invalid", status: 422, title: "Model refused", detail: "\(error.reason).",
        where: "/model", got: request.model, do: error.remedy)
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
    for (name, amount) in [("cap", request.cap), ("approve_over", request.approveOver)] {
      guard let amount, amount.currency != currency || amount.minorUnits < 0 else { continue }
      throw ProblemDocument.field(
        name, "The amount is \(amount), and the budget is in \(currency).", got: "\(amount)",
        do: "Give an amount in \(currency), 0 or more.")
    }
  }

  /// The region in the scene's plane, checked to be sound and to lie on the scene.
  private func region(
    _ request: JobRequest, in scene: StoredScene
  ) async throws -> ProjectedRegion {
    guard request.region == nil || request.bounds == nil else {
      throw ProblemDocument.field(
        "bounds", "There is a region already.", do: "Give region or bounds, not both.")
    }
    if let bounds = request.bounds, !(bounds.west < bounds.east && bounds.south < bounds.north) {
      throw ProblemDocument.field(
        "bounds", "The west is not west of the east, or the south not south of the north.",
        do: "Give west, south, east and north in metres of the scene's system.")
    }
    let layout = scene.facts.layout
    let projected: ProjectedRegion
    do {
      projected = try await pool.run {
        try request.region?.region.checkGeometry()
        return try request.region(in: layout)
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
