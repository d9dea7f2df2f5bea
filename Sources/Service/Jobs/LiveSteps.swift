// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import PatchDrop
import Planning
import Platform
import Purchasing
import Raster
import Vendors
import Wire

/// The daemon's own steps: agent, planner, purchaser and reports put together.
struct LiveSteps: Sendable {
  let scenes: SceneStore
  let ledger: Ledger
  let catalogue: Catalogue
  let state: StateDirectory
  /// Decodes what vendors deliver.
  let decoder: RasterDecoder
  /// Where rasters and networks work: as many threads as cores.
  let compute: ComputePool
  /// Where the ledger is called and files are hashed.
  let storage: ComputePool
  /// How many bytes of the disk stay free (`limits.free_bytes`).
  let keptFreeByteCount: @Sendable () -> UInt64
  let now: @Sendable () -> Date
  let makeID: @Sendable () -> UUID

  /// The steps for the runner.
  var steps: JobSteps {
    let admission = Admission(
      scenes: scenes, ledger: ledger, catalogue: catalogue,
      sceneFile: { [state] in state.scene($0) },
      pool: storage)
    return JobSteps(
      admit: admission.admit, survey: survey, choose: choose, planned: planned,
      buy: { try await Buying(self, $0).buy(accepted: $1) },
      abandon: { try await Buying(self, $0).abandon() }, classify: classify, report: report,
      money: money)
  }

  // MARK: Survey and choice

  @Sendable private func survey(_ work: JobWork) async throws {
    let scene = try await scenes.scene(work.request.scene)
    let file = state.scene(scene.record.id)
    let (request, facts) = (work.request, scene.facts)
    let survey = try await compute.run(asking: { [catalogue] isCancelled in
      let bundle = try catalogue.bundle(request.model)
      let crs = try request.latticeCRS(over: facts)
      let grid = request.grid(over: facts.layout, in: crs, of: bundle.card)
      let region = try request.region(over: facts, in: crs)
      let bands = try bundle.card.bands(
        asked: request.bands, of: facts.colours, name: scene.record.name)
      let survey = try Surveyor.survey(
        scene: file, bundle: bundle, grid: grid, chips: try grid.chips(covering: region),
        bands: bands, stretch: request.stretch
      ) { completed, total in
        work.progress(StageProgress(stage: "survey", completed: completed, total: total))
        return !isCancelled()
      }
      guard survey.chips.contains(where: { $0.state == .surveyed }) else {
        throw StepFailure(
          Trouble(
            where: "survey",
            what: "none of the region's \(survey.chips.count) chips lies within the scene with "
              + "enough valid pixels.",
            do: "Give a larger region or scene; a chip is \(grid.lattice.chipSideMetres) m wide. "
              + "With --grid-origin scene the chips begin at the scene's corner."),
          consequence: .fails)
      }
      try SurveyFile.write(survey, to: work.file(.survey))
      return survey
    })
    let left = survey.chips.count { $0.state != .surveyed }
    await work.note(
      "surveyed \(survey.chips.count - left) chips"
        + (left == 0 ? "" : "; \(left) are not covered well enough by the scene")
        + (survey.reading.map { "; pixels \($0.resamplingWords)" } ?? ""), nil)
  }

  @Sendable private func choose(_ work: JobWork) async throws -> PlanSummary {
    let vendor = try vendor(work.request)
    let (request, product) = (work.request, vendor.product)
    let survey = try await compute.run { try SurveyFile.read(from: work.file(.survey)) }
    let grid = survey.grid
    let measure = try await measure(vendor, on: grid)
    let (plan, digest) = try await compute.run { [ledger, catalogue] in
      let agent = try catalogue.bundle(request.model).agent()
      let planner = Planner(
        product: product, prices: vendor.prices,
        keepThreshold: request.keepThreshold.map(Float.init) ?? agent.threshold,
        gains: PatchGains(marginEdges: agent.gains.marginEdges, gains: agent.gains.gains),
        merger: OrderMerger(
          largestItemCount: min(100, vendor.vendor.capabilities.maxItems ?? 100)),
        measure: measure)
      let plan = try planner.plan(
        survey,
        owned: try Self.masks(ledger.ownedPatches(product: product, grid: grid).keys, grid),
        claimed: try Self.masks(ledger.claimedPatches(product: product, grid: grid).keys, grid),
        budget: try purse(of: work))
      let data = try JSON.encoder(pretty: true).encode(plan)
      try DurableFile.write(data, to: work.file(.plan))
      return (plan, Digest.sha256(data))
    }
    await work.note(
      "planned \(plan.counts.toBuy) of \(plan.counts.everything) patches for \(plan.price) in "
        + "\(plan.orders.count) \(plan.orders.count == 1 ? "order" : "orders"); everything would be \(plan.priceOfEverything)",
      nil)
    return PlanSummary(plan, sha256: digest)
  }

  /// How the vendor counts orders, for which it may have to be asked.
  private func measure(
    _ vendor: Catalogue.Entry, on grid: ChipGrid
  ) async throws -> OrderMeasure {
    do {
      return try await vendor.vendor.measure(on: grid)
    } catch {
      throw StepFailure(
        Trouble(
          where: "vendor \(vendor.product.vendor)", error: error,
          remedy: "Retry the job when that is settled."), consequence: .parks)
    }
  }

  /// What the job may still spend: the budget's free money, at most the rest of its own cap.
  private func purse(of work: JobWork) throws -> Money {
    let free = try ledger.budget(work.request.budget).free
    guard let cap = work.request.cap else { return free }
    let money = try ledger.money(job: work.jobID)
    let committed = try money.map { try $0.held.adding($0.captured) }
    let rest = cap.minorUnits - (committed?.minorUnits ?? 0)
    return try Money(
      minorUnits: max(0, min(rest, free.minorUnits)), currency: free.currency)
  }

  @Sendable private func planned(_ work: JobWork) async throws -> PlanSummary {
    try await compute.run {
      let data = try Data(contentsOf: work.file(.plan))
      return PlanSummary(
        try JSON.decoder().decode(Plan.self, from: data), sha256: Digest.sha256(data))
    }
  }

  // MARK: Classification

  @Sendable private func classify(_ work: JobWork) async throws {
    let (request, product, root) = (work.request, try vendor(work.request).product, state.root)
    try await compute.run(asking: { [catalogue, ledger] isCancelled in
      let survey = try SurveyFile.read(from: work.file(.survey))
      let plan = try Self.plan(of: work)
      let bundle = try catalogue.bundle(request.model)
      let owned = try ledger.ownedPatches(product: product, grid: survey.grid)
      let here = Self.masks(owned.keys, survey.grid)
      let pixels = DeliveredPixels(
        grid: survey.grid, bandCount: bundle.card.design.bands.count, owned: owned, root: root,
        stretch: request.stretch)
      // What did not come is missing here: the answer is then made from what did.
      let masks = Dictionary(
        uniqueKeysWithValues: plan.chips.map { chip in
          (chip.chip, PatchMask(bits: chip.mask.bits & (here[chip.chip] ?? .none).bits))
        })
      let results = try ChipClassifier.classify(
        survey: survey, bundle: bundle,
        bought: { chips in
          let orders = chips.map { ($0, masks[$0] ?? .none) }
          return zip(orders, try pixels.pixels(of: orders)).map { ($0.1, $1) }
        },
        progress: { completed, total in
          work.progress(StageProgress(stage: "classify", completed: completed, total: total))
          return !isCancelled()
        })
      try DurableFile.write(JSON.encoder().encode(results), to: work.file(.results))
    })
  }

  // MARK: Shared

  @Sendable private func money(_ id: String) async -> JobMoney? {
    guard let job = UUID(uuidString: id) else { return nil }
    // A figure for people: where it cannot be had, the caller does without.
    return try? await storage.run { [ledger] in
      try ledger.money(job: job).map { JobMoney(held: $0.held, spent: $0.captured) }
    }
  }

  func vendor(_ request: JobRequest) throws(PurchaseError) -> Catalogue.Entry {
    guard let vendor = catalogue.vendor(request.vendor) else {
      throw .unknownVendor(request.vendor)
    }
    return vendor
  }

  static func plan(of work: JobWork) throws -> Plan {
    try JSON.decoder().decode(Plan.self, from: Data(contentsOf: work.file(.plan)))
  }

  /// Positions on the lattice as the patches of each chip.
  static func masks(
    _ positions: some Sequence<PatchPosition>, _ grid: ChipGrid
  ) -> [ChipIndex: PatchMask] {
    positions.reduce(into: [:]) { masks, position in
      let (chip, patch) = position.chipAndPatch(in: grid.patchGrid)
      masks[chip, default: .none].insert(patch)
    }
  }
}
