// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import PatchDrop
import Platform
import Raster
import Wire

/// Whether the model can see the scene as the job asks: grid, bands, pixels and values.
extension Admission {
  /// The chips' coordinate reference system.
  ///
  /// - Throws: `ProblemDocument` about `grid_crs` or `grid_origin`.
  func latticeCRS(_ request: JobRequest, over scene: StoredScene) async throws -> String {
    let facts = scene.facts
    let (crs, obstacle) = try await pool.run {
      let centre = try request.centre(over: facts)
      guard let wanted = request.gridCRS else {
        return (try request.latticeCRS(over: facts), String?.none)
      }
      do {
        return (wanted, try LatticeSystem.obstacle(in: wanted, at: centre))
      } catch let error as RasterError {
        throw ProblemDocument.field(
          "grid_crs", "\(error.reason).", got: wanted, do: Self.crsRemedy(centre))
      }
    }
    if let obstacle {
      let centre = try request.centre(over: facts)
      throw ProblemDocument.field(
        "grid_crs", "Chips cannot be laid out in \(crs), as it \(obstacle).", got: crs,
        do: Self.crsRemedy(centre))
    }
    if request.gridOrigin == .scene, crs != facts.layout.crs {
      throw ProblemDocument.field(
        "grid_origin",
        "The chips are in \(SceneReading.name(ofCRS: crs)), in which the scene has no corner: it is "
          + "in \(SceneReading.name(ofCRS: facts.layout.crs)).", got: "scene",
        do: "Use crs, or X,Y in metres of \(SceneReading.name(ofCRS: crs)).")
    }
    return crs
  }

  private static func crsRemedy(_ centre: Coordinate) -> String {
    let zone = UTMZone(at: centre)
    return "Name a projected system in metres, such as \(zone.crs) (\(zone.name)), or leave it out."
  }

  /// Checks that the model is there, and that it can see the scene as the job asks.
  ///
  /// - Throws: `ProblemDocument` naming the field.
  func checkModel(
    _ request: JobRequest, _ region: ProjectedRegion, _ crs: String, _ scene: StoredScene
  ) async throws {
    let (facts, name) = (scene.facts, scene.record.name)
    let file = sceneFile(scene.record.id)
    do {
      try await pool.run { [catalogue] in
        let model = try catalogue.bundle(request.model).card
        let grid = request.grid(over: facts.layout, in: crs, of: model)
        let reading = try Surveyor.reading(
          of: facts.layout, colours: facts.colours, grid: grid, model: model, bands: request.bands,
          stretch: request.stretch, name: name)
        try grid.checkSize(of: region)
        try Self.checkValues(facts, file, reading, name: name)
      }
    } catch let error as RegionError {
      throw ProblemDocument(error, pointer: request.bounds == nil ? "/region" : "/bounds")
    } catch let error as ModelError {
      throw problem(error, request)
    }
  }

  /// Values that are not 8-bit need a stretch that a person chose, and 8-bit ones need none.
  private static func checkValues(
    _ scene: SceneFacts, _ file: URL, _ reading: SceneReading, name: String
  ) throws {
    if scene.layout.pixelType == .uint8 {
      guard let stretch = reading.stretch else { return }
      throw ProblemDocument.field(
        "stretch", "The scene is 8-bit, as the models need it.", got: "\(stretch)",
        do: "Leave it out; it is for scenes of 16 bits or floating-point numbers.")
    }
    guard reading.stretch == nil else { return }
    let sample = try ValueSample(of: file)
    guard let range = sample.range(bands: reading.bands),
      let suggestion = sample.stretch(bands: reading.bands),
      range.lowerBound < 0 || range.upperBound > 255 || range.upperBound <= 1
    else { return }
    throw ModelError.needsStretch(
      scene: name, least: range.lowerBound, most: range.upperBound, suggestion: suggestion)
  }

  private func problem(_ error: ModelError, _ request: JobRequest) -> ProblemDocument {
    switch error {
    case .notFound:
      .field(
        "model", "\(error.reason).", got: request.model,
        do: "List them with fovea models, or put the bundle into models/ of the state directory.")
    case .bands:
      ProblemDocument(
        "scene-bands", status: 422, title: "Bands to be chosen", detail: "\(error.reason).",
        where: "/bands", got: request.bands.map { $0.map(String.init).joined(separator: ",") },
        do: error.remedy)
    case .stretchCount:
      .field("stretch", "\(error.reason).", got: request.stretch?.description, do: error.remedy)
    case .needsStretch:
      ProblemDocument(
        "scene-needs-stretch", status: 422, title: "Stretch needed", detail: "\(error.reason).",
        where: "/stretch", do: error.remedy)
    case .tooCoarse(_, let found, _):
      ProblemDocument(
        "scene-too-coarse", status: 422, title: "Scene refused", detail: "\(error.reason).",
        where: "/scene", got: request.scene, do: remedy(forPixelsOf: found))
    case .offLattice:
      ProblemDocument(
        "scene-off-lattice", status: 422, title: "Scene refused", detail: "\(error.reason).",
        where: "/grid_crs", got: request.gridCRS, do: error.remedy)
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

  /// The installed models that can look at pixels of a size, where there are any.
  private func remedy(forPixelsOf metres: Double) -> String {
    let fitting = catalogue.models.names().filter { name in
      // A bundle that cannot be read is no remedy.
      guard let card = try? catalogue.bundle(name).card else { return false }
      return card.canSee(pixelsOfMetres: metres)
    }
    return fitting.isEmpty
      ? "No model here looks at pixels as coarse as that: give a scene of finer pixels."
      : "Give a scene of finer pixels, or use the model \(fitting.joined(separator: " or "))."
  }
}

extension SceneFacts {
  /// The bands' colours, where the file tells them.
  var colours: [String?] { bands.map { $0.colour?.rawValue } }
}
