// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import PatchDrop
import Planning
import Platform
import Raster
import Reports
import Vendors
import Wire

/// The last step: everything durable about a job, put together for its report.
extension LiveSteps {
  @Sendable func report(_ work: JobWork) async throws {
    let vendor = try vendor(work.request)
    let scene = try await scenes.scene(work.request.scene)
    let stages = Self.stages(await work.stages())
    let (state, request) = (state, work.request)
    work.progress(StageProgress(stage: "report", completed: 0, total: 1))
    try await compute.run { [catalogue, ledger] in
      let survey = try SurveyFile.read(from: work.file(.survey))
      let bundle = try catalogue.bundle(request.model)
      let owned = try ledger.ownedPatches(product: vendor.product, grid: survey.grid)
      var inputs = try reportInputs(work, scene: scene, survey, bundle)
      inputs.stages = stages
      try add(vendor, owned: owned, to: &inputs)
      let pixels = DeliveredPixels(
        grid: survey.grid, bandCount: bundle.card.design.bands.count, owned: owned,
        root: state.root, stretch: work.request.stretch)
      try ReportWriter.write(inputs, to: work.folder) { try pixels.pixels(of: $0, $1) }
    }
    work.progress(StageProgress(stage: "report", completed: 1, total: 1))
  }

  private func reportInputs(
    _ work: JobWork, scene: StoredScene, _ survey: Survey, _ bundle: ModelBundle
  ) throws -> ReportInputs {
    let plan = try Self.plan(of: work)
    let resultsFile = work.file(.results)
    // Not the time of day: a report that is written again is the same to the byte.
    let finishedAt =
      try FileManager.default.attributesOfItem(atPath: resultsFile.path)[.modificationDate] as? Date
    let budget = try ledger.budget(work.request.budget)
    var inputs = ReportInputs(
      job: ReportJob(
        id: work.id, tag: work.request.tag, state: .done, submittedAt: work.createdAt,
        finishedAt: finishedAt ?? work.createdAt),
      scene: ReportScene(
        id: scene.record.id, name: scene.record.name, digest: scene.facts.sourceDigest,
        file: state.scene(scene.record.id), pixelSizeMetres: scene.record.pixelSizeMetres,
        acquiredAt: scene.facts.acquiredAt),
      model: ReportModel(
        name: work.request.model, digest: bundle.digest,
        bandCount: bundle.card.design.bands.count),
      crs: survey.grid.lattice.crs, survey: survey, budget: budget.id, currency: budget.currency)
    inputs.wanted = Dictionary(uniqueKeysWithValues: plan.chips.map { ($0.chip, $0.wanted) })
    inputs.owned = Dictionary(
      uniqueKeysWithValues: plan.chips.filter { !$0.owned.isEmpty }.map { ($0.chip, $0.owned) })
    inputs.reasons = Dictionary(uniqueKeysWithValues: plan.chips.map { ($0.chip, $0.reason) })
    inputs.orders = try ledger.orders(job: work.jobID)
    inputs.results = try JSON.decoder().decode(
      [ChipResult].self, from: Data(contentsOf: resultsFile))
    inputs.entries = try ledger.entries(budget: budget.id)
    inputs.priceOfEverything = plan.priceOfEverything
    inputs.attributions = [bundle.card.data.attribution]
    inputs.facts = [
      ReportFact("Grid origin", work.request.gridOrigin.description),
      ReportFact("Keep threshold", "\(plan.keepThreshold)"),
    ]
    return inputs
  }

  /// What the vendor's side brings: areas billed, where prices come from, when the imagery that
  /// the answers used was bought.
  private func add(
    _ vendor: Catalogue.Entry, owned: [PatchPosition: OwnedPatch], to inputs: inout ReportInputs
  ) throws {
    inputs.product = vendor.product
    inputs.priceSource = vendor.source
    inputs.licence = vendor.prices.licence
    for order in inputs.orders {
      guard let quote = order.quote else { continue }
      let document = try JSON.decoder().decode(Quote.self, from: quote.document)
      inputs.billedAreas[order.key] = document.areaSquareMillimetres
    }
    let patchGrid = inputs.survey.grid.patchGrid
    var sources: Set<UUID> = []
    for result in inputs.results {
      for patch in result.mask.patches {
        let position = PatchPosition(chip: result.chip, patch: patch, in: patchGrid)
        if let order = owned[position]?.order { sources.insert(order) }
      }
    }
    let years = try sources.map { try ledger.order($0).createdAt }
      .compactMap { Int(Timestamp.text($0).prefix(4)) }
    inputs.contentYears = Set(years).sorted()
  }

  /// The times of the steps before the report, in words; a step that ran more than once is added up.
  private static func stages(_ times: [StageTime]) -> [ReportStage] {
    let words = [
      ("survey", "survey"), ("choose", "choice"), ("buy", "purchase"),
      ("classify", "classification"),
    ]
    return words.compactMap { stage, word in
      let own = times.filter { $0.stage == stage }
      return own.isEmpty ? nil : ReportStage(word, seconds: own.reduce(0) { $0 + $1.durationS })
    }
  }
}
