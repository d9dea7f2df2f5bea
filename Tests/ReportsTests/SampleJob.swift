// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import Planning
import Platform
import Raster
import Reports
import TestSupport

/// A job over a scene pair, bought in a real ledger: masks and answers are random, all else is as
/// the daemon makes it.
///
/// Two orders: one settled, one whose last item failed. Some patches were owned before.
final class SampleJob: Sendable {
  let folder: TemporaryFolder
  let inputs: ReportInputs
  let highResolution: URL
  let outputs: URL

  /// GDAL and the ledger block, so the tests work here, as the daemon does.
  static let pool = ComputePool(threadCount: 1)

  static let demo = TestPaths.root.appending(path: "etc/demo")
  static let euro: Currency = {
    do { return try Currency(code: "EUR") } catch { preconditionFailure("\(error)") }
  }()

  /// The job's name, made to do harm on a page, in a table and in a terminal.
  static let hostileTag = "<script>alert('x')</script> & \"Ü\"\u{1B}[2J\t{{style}}"

  init(
    tag: String = SampleJob.hostileTag, files: URL = SampleJob.demo, name: String = "eurosat",
    chipPixels: Int = 64, zoom: Int = 8, buying: Bool = true
  ) throws {
    folder = try TemporaryFolder()
    outputs = folder.url.appending(path: "outputs")
    highResolution = files.appending(path: "\(name)_hr.tif")
    let scene = files.appending(path: "\(name)_lr.tif")
    let layout = try Dataset(trusted: scene).layout
    let truth = try Dataset(trusted: files.appending(path: "\(name)_truth.tif"))
    let classes = truth.classes?.names ?? []
    let corner = layout.transform.point(column: 0, row: 0)
    let grid = ChipGrid(
      crs: layout.crs, chipPixels: chipPixels,
      groundSampleDistanceMetres: layout.transform.pixelSize / Double(zoom), zoom: zoom,
      patchGrid: .paper, origin: .scene, sceneCorner: corner)
    let chips = try grid.chips(covering: ProjectedRegion(layout.extent))
    var agent = RandomAgent(classCount: classes.count)
    let survey = Survey(
      grid: grid, classes: classes,
      chips: chips.enumerated().map { agent.survey($0.element, isVisible: $0.offset != 1) },
      sceneDigest: String(repeating: "5c", count: 32),
      modelDigest: String(repeating: "a7", count: 32), lowResolutionTemperature: 1.5)
    var inputs = ReportInputs(
      job: ReportJob(
        id: "01971a2b-0000-7000-8000-00000000beef", tag: tag, state: .done,
        submittedAt: Date(timeIntervalSince1970: 1_772_366_400),
        finishedAt: Date(timeIntervalSince1970: 1_772_366_447.25)),
      scene: ReportScene(
        id: "5c5c5c5c5c5c5c5c", name: "\(name)_lr.tif", digest: survey.sceneDigest, file: scene,
        pixelSizeMetres: layout.transform.pixelSize),
      model: ReportModel(name: "eurosat-s2-10m", digest: survey.modelDigest, bandCount: 3),
      crs: layout.crs, survey: survey, budget: "demo", currency: Self.euro)
    inputs.product = ProductID(vendor: "local", product: "eurosat-10m")
    inputs.priceOfEverything = try Money(
      minorUnits: Int64(chips.count) * 16 * 3, currency: Self.euro)
    inputs.licence = Licence(
      id: "example-standard-3", seats: 5, attribution: "© {year} Example & Söhne",
      restrictions: [.internalUse, .noRedistribution])
    inputs.contentYears = [2026]
    inputs.priceSource = "invented for the tests"
    inputs.stages = [ReportStage("survey", seconds: 0.4), ReportStage("purchase", seconds: 31)]
    inputs.attributions = ["Contains modified Copernicus Sentinel data 2018."]
    inputs.facts = [ReportFact("BLAS", "SkylakeX, 2 threads"), ReportFact("Fovea", "0.1.0")]
    for chip in survey.chips where chip.state == .surveyed && buying {
      let mask = agent.mask()
      inputs.wanted[chip.chip] = mask
      inputs.reasons[chip.chip] = mask.isEmpty ? .notWanted : .bought
    }
    if buying { try Self.buy(&inputs, in: folder.url, ownedRow: chips.map(\.row).max() ?? 0) }
    let truthValues = try truth.readAll(as: UInt8.self).samples
    let used = inputs.orders.flatMap { order in
      order.items.filter { $0.state == .captured }.flatMap { item in
        order.draft.rectangles[item.number].positions
      }
    }
    var masks = inputs.owned
    for position in used {
      let (chip, patch) = position.chipAndPatch(in: .paper)
      masks[chip, default: .none].insert(patch)
    }
    inputs.results = zip(survey.chips, truthValues).filter { $0.0.state == .surveyed }.map {
      agent.result($0.0.chip, truth: Int($0.1), mask: masks[$0.0.chip] ?? .none)
    }
    self.inputs = inputs
  }

  /// Writes the report's folder.
  @discardableResult
  func write(_ changed: ReportInputs? = nil, to folder: URL? = nil) throws -> JobReport {
    let inputs = changed ?? inputs
    let source = try Dataset(trusted: highResolution)
    let grid = inputs.survey.grid
    return try ReportWriter.write(inputs, to: folder ?? outputs) { chip, _ in
      let rect = source.layout.pixels(of: grid.lattice.rectangle(of: chip))
      guard let rect else { throw CocoaError(.fileReadCorruptFile) }
      return try source.read(rect, as: UInt8.self).samples
    }
  }

  /// Buys what is wanted: the chips of the last row are owned already, the others' patches are
  /// ordered as one rectangle a run of patches, in two orders.
  private static func buy(_ inputs: inout ReportInputs, in folder: URL, ownedRow: Int) throws {
    let grid = inputs.survey.grid
    var rectangles: [PatchRectangle] = []
    for (chip, mask) in inputs.wanted.sorted(by: { $0.key < $1.key }) {
      if chip.row == ownedRow, chip.column % 3 == 0 {
        inputs.owned[chip] = mask
        continue
      }
      rectangles += runs(of: mask, chip: chip)
    }
    let product = ProductID(vendor: "local", product: "eurosat-10m")
    let cut = rectangles.count / 3
    let drafts = [rectangles[..<cut], rectangles[cut...]].map {
      OrderDraft(product: product, grid: grid, rectangles: Array($0))
    }
    let ledger = try Ledger(in: folder)
    // A ledger that does not close shows when the test opens it again.
    defer { try? ledger.close() }
    let purchases = SampleLedger(ledger: ledger)
    try purchases.open(budget: inputs.budget, granting: "100.00 EUR")
    try purchases.buy(drafts[0], number: 1, failing: [])
    try purchases.buy(drafts[1], number: 2, failing: [drafts[1].rectangles.count - 1])
    inputs.orders = try ledger.orders(job: SampleLedger.job)
    // The second vendor's minimum: what is billed is more than what is needed.
    inputs.billedAreas = Dictionary(
      uniqueKeysWithValues: inputs.orders.enumerated().map {
        ($1.key, max($1.draft.areaSquareMillimetres, Int64($0) * 5_000_000_000_000))
      })
    inputs.entries = try ledger.entries(budget: inputs.budget)
  }

  private static func runs(of mask: PatchMask, chip: ChipIndex) -> [PatchRectangle] {
    var rectangles: [PatchRectangle] = []
    for patch in mask.patches {
      let position = PatchPosition(chip: chip, patch: patch, in: .paper)
      if let last = rectangles.last, last.row == position.row,
        last.column + last.columnCount == position.column
      {
        rectangles[rectangles.count - 1] = PatchRectangle(
          column: last.column, row: last.row, columnCount: last.columnCount + 1, rowCount: 1)
      } else {
        rectangles.append(
          PatchRectangle(
            column: position.column, row: position.row, columnCount: 1, rowCount: 1))
      }
    }
    return rectangles
  }
}

/// Says what an agent would say, from a seed.
struct RandomAgent {
  let classCount: Int
  private var generator = SeededGenerator(seed: 11)

  init(classCount: Int) { self.classCount = classCount }

  mutating func survey(_ chip: ChipIndex, isVisible: Bool) -> ChipSurvey {
    let logits = (0..<classCount).map { _ in generator.uniform() * 4 }
    let keep = (0..<16).map { _ in generator.uniform() }
    return ChipSurvey(
      chip: chip, state: isVisible ? .surveyed : .tooFewValidPixels, keepProbabilities: keep,
      lowResolutionLogits: logits)
  }

  /// A few patches beside each other, as a policy tends to choose; none for every fifth chip.
  mutating func mask() -> PatchMask {
    guard generator.uniform() > 0.2 else { return .none }
    let (row, column) = (
      Int.random(in: 0..<3, using: &generator), Int.random(in: 0..<3, using: &generator)
    )
    var mask = PatchMask([row * 4 + column, row * 4 + column + 1])
    if generator.uniform() > 0.5 { mask.insert(row * 4 + column + 4) }
    if generator.uniform() > 0.7 { mask.insert(Int.random(in: 0..<16, using: &generator)) }
    return mask
  }

  mutating func result(_ chip: ChipIndex, truth: Int, mask: PatchMask) -> ChipResult {
    let isRight = generator.uniform() < 0.9
    let answer = isRight ? truth : Int.random(in: 0..<classCount, using: &generator)
    let certainty = 0.6 + 0.4 * generator.uniform()
    var probabilities = [Float](
      repeating: (1 - certainty) / Float(classCount - 1), count: classCount)
    probabilities[answer] = certainty
    return ChipResult(
      chip: chip, mask: mask, probabilities: probabilities, classIndex: answer)
  }
}
