// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import PatchDrop
import Planning
import Platform
import Raster
import Reports

/// A job of any number of chips without a network or imagery: what the agent would say is drawn at
/// random, and everything after it is done by the product's own functions.
struct ScaleJob {
  /// The share of what the policy wants that the budget pays for: there is a choice to make.
  private static let budgetShare = 0.05
  private static let product = ProductID(vendor: "bench", product: "hr-10m")
  private static let classCount = 10
  private static let prices = """
    vendor: bench
    currency: EUR
    source: "made up"
    products:
      hr-10m: {per: km2, rate: "850", minimum_charge: 500, fee_per_order: 150}
    """

  private let folder: URL
  private let chipCount: Int
  private let grid: ChipGrid
  private let layout: RasterLayout
  private let prices: PriceRule

  /// Prepares a job; its files go to `folder`.
  init(chipCount: Int, folder: URL) throws {
    self.chipCount = chipCount
    self.folder = folder
    let columns = Int(Double(chipCount).squareRoot().rounded(.up))
    let corner = ProjectedPoint(x: 100_480, y: 5_600_000)
    grid = ChipGrid(
      crs: "EPSG:32632", chipPixels: 64, groundSampleDistanceMetres: 10, zoom: 8,
      patchGrid: .paper, origin: .scene, sceneCorner: corner)
    layout = RasterLayout(
      width: columns * 8, height: (chipCount + columns - 1) / columns * 8, bandCount: 3,
      pixelType: .uint8, crs: grid.lattice.crs,
      transform: GeoTransform(originX: corner.x, originY: corner.y, pixelSize: 80))
    prices = try PriceList(yaml: Self.prices, file: "prices").rule(for: Self.product)
  }

  /// Does the job and returns what each step took.
  func run() throws -> [ScaleStep] {
    var meter = StepMeter()
    let survey = survey()
    let surveyFile = folder.appending(path: "survey.safetensors")
    try meter.step("write survey") { try SurveyFile.write(survey, to: surveyFile) }
    let known = try meter.step("read survey") { try SurveyFile.read(from: surveyFile) }
    let plan = try meter.step("plan") { try planned(known) }
    let planFile = folder.appending(path: "plan.json")
    try meter.step("write plan") {
      try DurableFile.write(JSON.encoder(pretty: true).encode(plan), to: planFile)
    }
    let kept = try meter.step("read plan") {
      try JSON.decoder().decode(Plan.self, from: Data(contentsOf: planFile))
    }
    var purchase = try ScalePurchase(
      plan: kept, currency: prices.currency, folder: folder, chipCount: chipCount)
    try meter.step("draft orders") { try purchase.draft() }
    try meter.step("buy") { try purchase.buy() }
    let books = try meter.step("read ledger") { try purchase.books() }
    try meter.step("open ledger") { try purchase.reopen() }
    let results = results(kept, books)
    let resultsFile = folder.appending(path: "results.json")
    try meter.step("write answers") {
      try DurableFile.write(JSON.encoder().encode(results), to: resultsFile)
    }
    let answers = try meter.step("read answers") {
      try JSON.decoder().decode([ChipResult].self, from: Data(contentsOf: resultsFile))
    }
    let inputs = try inputs(known, kept, books, answers)
    try meter.step("plan.geojson") { _ = try PlanGeoJSON.encode(kept, job: "scale") }
    let blank = [UInt8](repeating: 90, count: 3 * grid.chipPixels * grid.chipPixels)
    try meter.step("report") {
      try ReportWriter.write(inputs, to: folder.appending(path: "outputs")) { _, _ in blank }
    }
    return meter.steps
  }

  /// What an agent might say: two chips of three have a clump of patches that are wanted.
  private func survey() -> Survey {
    var generator = SeededGenerator(seed: 11)
    let columns = layout.width / grid.lowResolutionPixels
    let patchCount = grid.patchGrid.patchCount
    let chips = (0..<chipCount).map { index in
      var keep = (0..<patchCount).map { _ in 0.45 * generator.uniform() }
      let place = generator.next()
      if place % 3 != 0 {
        let corner = Int(place >> 8 & 3) % 3 * 4 + Int(place >> 16 & 3) % 3
        for patch in [corner, corner + 1, corner + 4] { keep[patch] += 0.55 }
      }
      return ChipSurvey(
        chip: ChipIndex(column: index % columns, row: index / columns), state: .surveyed,
        keepProbabilities: keep,
        lowResolutionLogits: (0..<Self.classCount).map { _ in 4 * generator.uniform() })
    }
    return Survey(
      grid: grid, classes: (0..<Self.classCount).map { "class \($0)" }, chips: chips,
      sceneDigest: String(repeating: "5c", count: 32),
      modelDigest: String(repeating: "a7", count: 32), lowResolutionTemperature: 1.5)
  }

  private func planned(_ survey: Survey) throws -> Plan {
    let planner = Planner(product: Self.product, prices: prices, keepThreshold: 0.5)
    // Two patches a chip are wanted in the mean.
    let wanted = Double(2 * chipCount) * Double(grid.patchAreaSquareMillimetres)
    var share = OrderQuantity()
    share.areaSquareMillimetres = Int64(wanted * Self.budgetShare)
    return try planner.plan(survey, budget: prices.price(of: share).total)
  }

  /// An answer for each chip, from what was bought of it.
  private func results(_ plan: Plan, _ books: ScalePurchase.Books) -> [ChipResult] {
    var masks: [ChipIndex: PatchMask] = [:]
    for position in books.owned.keys {
      let (chip, patch) = position.chipAndPatch(in: grid.patchGrid)
      masks[chip, default: .none].insert(patch)
    }
    let rest = 0.2 / Float(Self.classCount - 1)
    return plan.chips.map { chip in
      var probabilities = [Float](repeating: rest, count: Self.classCount)
      probabilities[chip.lowResolutionClass] = 0.8
      return ChipResult(
        chip: chip.chip, mask: masks[chip.chip] ?? .none, probabilities: probabilities,
        classIndex: chip.lowResolutionClass)
    }
  }

  private func inputs(
    _ survey: Survey, _ plan: Plan, _ books: ScalePurchase.Books, _ results: [ChipResult]
  ) throws -> ReportInputs {
    let scene = folder.appending(path: "scene.tif")
    // A scene without a pixel: the page's pictures are blank, and take as long to make.
    try GeoTIFFWriter(url: scene, layout: layout).finish()
    let begin = Date(timeIntervalSince1970: 1_772_366_400)
    var inputs = ReportInputs(
      job: ReportJob(
        id: ScalePurchase.job.uuidString.lowercased(), tag: nil, state: .done, submittedAt: begin,
        finishedAt: begin + 60),
      scene: ReportScene(
        id: "5c5c5c5c5c5c5c5c", name: "scene.tif", digest: survey.sceneDigest, file: scene,
        pixelSizeMetres: layout.transform.pixelSize),
      model: ReportModel(name: "bench", digest: survey.modelDigest, bandCount: 3),
      crs: layout.crs, survey: survey, budget: ScalePurchase.budget, currency: prices.currency)
    inputs.product = Self.product
    inputs.wanted = Dictionary(uniqueKeysWithValues: plan.chips.map { ($0.chip, $0.wanted) })
    inputs.orders = books.orders
    inputs.entries = books.entries
    inputs.results = results
    inputs.priceOfEverything = plan.priceOfEverything
    return inputs
  }
}
