// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import PatchDrop
import Platform
import Raster
import TestSupport
import Testing

/// The shipped agent on the demo's scenes: what the daemon does, and what an evaluation says.
@Suite struct AgentTests {
  private static let demo = TestPaths.root.appending(path: "etc/demo")
  private let low = demo.appending(path: "eurosat_lr.tif")
  private let high = demo.appending(path: "eurosat_hr.tif")
  private let truth = demo.appending(path: "eurosat_truth.tif")
  private let bundle: ModelBundle

  init() throws {
    bundle = try ModelBundle.load(
      from: TestPaths.root.appending(path: "etc/models/eurosat-s2-10m.safetensors"))
  }

  private func grid(origin: GridOrigin = .scene) throws -> ChipGrid {
    let layout = try Dataset(trusted: low).layout
    return bundle.card.chipGrid(
      crs: layout.crs, origin: origin,
      sceneCorner: ProjectedPoint(x: layout.transform.originX, y: layout.transform.originY))
  }

  /// All chips of the demo's scene.
  private func chips(_ grid: ChipGrid) throws -> [ChipIndex] {
    let layout = try Dataset(trusted: low).layout
    let corner = grid.lattice.rectangle(of: ChipIndex(column: 0, row: 0))
    let side = grid.lattice.chipSideMetres
    let column = Int(((layout.transform.originX - corner.west) / side).rounded())
    let row = Int(((corner.north - layout.transform.originY) / side).rounded())
    return (0..<12).flatMap { y in
      (0..<12).map { ChipIndex(column: column + $0, row: row + y) }
    }
  }

  @Test func `the shipped model is good, and what it buys depends on the chip`() throws {
    let pair = try ScenePair(low: low, high: high, truth: truth, card: bundle.card)
    let rows = try Evaluation(bundle: bundle, chips: pair.chips).rows()
    func row(_ system: EvaluationSystem) throws -> EvaluationRow {
      try #require(rows.first { $0.system == system && ($0.stage ?? .ft2) == .ft2 })
    }
    let patchDrop = try row(.patchDrop)
    #expect(try row(.hrCNN).accuracy > 0.92)
    #expect(patchDrop.accuracy > 0.88 && patchDrop.patches < 7.5)
    #expect(patchDrop.distinctMasks > 2 && patchDrop.collapse == nil)
    #expect(patchDrop.accuracy > (try row(.lrCNN).accuracy))
    #expect(patchDrop.accuracy > (try row(.fixedH).accuracy))
    #expect(patchDrop.accuracy > (try row(.fixedV).accuracy))
  }

  @Test func `scenes of other bands and numbers are scored as the model sees them`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    // Blue before red, and tenfold above a black of 100.
    let copies = try [low, high].map { scene in
      let window: Window<Float> = try Dataset(trusted: scene).readAll()
      var layout = try Dataset(trusted: scene).layout
      layout.pixelType = .float32
      let copy = folder.appending(path: scene.lastPathComponent)
      let count = window.pixelCount
      var turned: [Float] = []
      for band in [2, 1, 0] {
        let samples = window.samples[band * count..<(band + 1) * count]
        turned += samples.map { (sample: Float) -> Float in sample * 10 + 100 }
      }
      var writer = try GeoTIFFWriter(url: copy, layout: layout)
      try writer.write(
        Window(
          bandCount: 3, height: window.height, width: window.width, samples: turned,
          validity: window.validity), column: 0, row: 0)
      try writer.finish()
      return copy
    }
    let plain = try ScenePair(low: low, high: high, truth: truth, card: bundle.card)
    let same = try ScenePair(
      low: copies[0], high: copies[1], truth: truth, card: bundle.card, bands: [3, 2, 1],
      stretch: Stretch(minimum: 100, maximum: 2650))
    for index in [0, 77, plain.places.count - 1] {
      #expect(same.chips.lowSamples(index).elementsEqual(plain.chips.lowSamples(index)))
      #expect(same.chips.highSamples(index).elementsEqual(plain.chips.highSamples(index)))
    }
    // Not without being told.
    let error = #expect(throws: ModelError.self) {
      try ScenePair(low: copies[0], high: copies[1], truth: truth, card: bundle.card)
    }
    guard case .needsStretch("eurosat_lr.tif", let least, let most, _) = error else {
      Issue.record("another error: \(String(describing: error))")
      return
    }
    #expect(least >= 100 && most <= 2650)
    #expect(throws: ModelError.self) {
      try ScenePair(
        low: low, high: high, truth: truth, card: bundle.card, bands: [3, 2, 4])
    }
  }

  @Test func `a survey and its classes are those of an evaluation, to the bit`() throws {
    let grid = try grid()
    let chips = try chips(grid)
    let survey = try Surveyor.survey(
      scene: low, bundle: bundle, grid: grid, chips: chips.shuffled())
    #expect(survey.chips.map(\.chip) == chips)
    #expect(survey.chips.allSatisfy { $0.state == .surveyed })
    let pair = try ScenePair(low: low, high: high, truth: truth, card: bundle.card)
    #expect(pair.places == chips)
    let evaluation = try Evaluation(bundle: bundle, chips: pair.chips)
    let masks = evaluation.masks()
    let agent = bundle.agent()
    let planned = survey.chips.map {
      MaskPolicy.mask(keepProbabilities: $0.keepProbabilities, threshold: agent.threshold)
    }
    #expect(planned == masks)
    #expect(agent.masks(survey) == masks)
    let predictions = evaluation.predictions(masks: masks)
    #expect(predictions.map(\.name) == chips.map(\.description))
    var progress: [Int] = []
    for noise: UInt8 in [0, 255] {
      let results = try ChipClassifier.classify(survey: survey, bundle: bundle) { asked in
        try asked.map { chip in
          let index = try #require(chips.firstIndex(of: chip))
          return (
            masks[index], hidden(pair.chips.highSamples(index), but: masks[index], by: noise)
          )
        }
      } progress: { done, _ in
        progress.append(done)
        return true
      }
      #expect(results.map(\.mask) == masks)
      #expect(results.map { bundle.card.classes[$0.classIndex] } == predictions.map(\.predicted))
      #expect(results.map { $0.probabilities[$0.classIndex] } == predictions.map(\.probability))
    }
    #expect(progress == [112, 144, 112, 144])
  }

  @Test func `a chip is answered the same alone and in a batch`() throws {
    let pair = try ScenePair(low: low, high: high, truth: truth, card: bundle.card)
    let agent = bundle.agent()
    let samples = (0..<37).map { pair.chips.lowSamples($0).map { Float($0) } }
    let looks = agent.looks(samples)
    let questions = looks.enumerated().map { index, look in
      Agent.Question(
        samples: pair.chips.highSamples(index), mask: PatchMask(bits: UInt64(index * 977 % 65536)),
        lowLogits: look.lowLogits)
    }
    let answers = agent.answers(questions)
    func deviation(_ some: [Float], _ others: [Float]) -> Float {
      zip(some, others).map { abs($0 - $1) }.max() ?? .infinity
    }
    for index in samples.indices {
      // Rounding may differ: a matrix product of one row may add in another order.
      let look = agent.looks([samples[index]])[0]
      #expect(deviation(look.keepProbabilities, looks[index].keepProbabilities) < 1e-5)
      #expect(deviation(look.lowLogits, looks[index].lowLogits) < 1e-4)
      let answer = agent.answers([questions[index]])[0]
      #expect(answer.classIndex == answers[index].classIndex)
      #expect(deviation(answer.probabilities, answers[index].probabilities) < 1e-5)
    }
  }

  /// The samples with something else where nothing was bought; none at all for an empty mask.
  private func hidden(
    _ samples: ArraySlice<UInt8>, but mask: PatchMask, by noise: UInt8
  ) -> [UInt8] {
    guard !mask.isEmpty else { return [] }
    return samples.enumerated().map { place, sample in
      let (row, column) = (place / 64 % 64, place % 64)
      return mask.contains(PatchGrid.paper.patch(row: row / 16, column: column / 16))
        ? sample : noise
    }
  }

  @Test func `a survey file holds the survey, with the same bytes each time`() throws {
    let folder = try TemporaryFolder()
    let grid = try grid()
    let outside = ChipIndex(column: -40_000, row: -40_000)
    let survey = try Surveyor.survey(
      scene: low, bundle: bundle, grid: grid, chips: try Array(chips(grid).prefix(3)) + [outside])
    #expect(survey.chips.first?.state == .outsideScene)
    let urls = ["a", "b"].map { folder.url.appending(path: $0) }
    for url in urls { try SurveyFile.write(survey, to: url) }
    #expect(try SurveyFile.read(from: urls[0]) == survey)
    #expect(try Data(contentsOf: urls[0]) == Data(contentsOf: urls[1]))
    try Data("nothing".utf8).write(to: urls[1])
    let error = #expect(throws: ModelError.self) { try SurveyFile.read(from: urls[1]) }
    #expect(error?.description.contains("no survey") == true)
  }

  @Test func `floating-point values scaled to 0 to 1 are refused with the remedy`() throws {
    let folder = try TemporaryFolder()
    let grid = try grid()
    let chips = try Array(chips(grid).prefix(2))
    func states(_ type: PixelType, largest: Float) throws -> [ChipState] {
      let scene = folder.url.appending(path: "\(type)-\(largest).tif")
      var layout = try Dataset(trusted: low).layout
      layout.pixelType = type
      let count = layout.bandCount * layout.width * layout.height
      func write<Sample: RasterSample>(_ samples: [Sample]) throws {
        var writer = try GeoTIFFWriter(url: scene, layout: layout)
        try writer.write(
          Window(
            bandCount: layout.bandCount, height: layout.height, width: layout.width,
            samples: samples), column: 0, row: 0)
        try writer.finish()
      }
      switch type {
      case .float32: try write((0..<count).map { Float($0 % 8) * largest / 7 })
      default: try write([UInt8](repeating: UInt8(largest), count: count))
      }
      return try Surveyor.survey(scene: scene, bundle: bundle, grid: grid, chips: chips)
        .chips.map(\.state)
    }
    let error = #expect(throws: ModelError.self) { try states(.float32, largest: 1) }
    #expect(error?.description.contains("gdal_translate -scale 0 1 0 255 -ot Float32") == true)
    #expect(try states(.float32, largest: 255) == [.surveyed, .surveyed])
    #expect(try states(.uint8, largest: 1) == [.surveyed, .surveyed])
  }

  @Test func `a stretched scene is surveyed as the 8-bit one that it stands for`() throws {
    let folder = try TemporaryFolder()
    let grid = try grid()
    let chips = try chips(grid)
    let scene = folder.url.appending(path: "reflectance.tif")
    let source = try Dataset(trusted: low)
    let bytes: Window<UInt8> = try source.readAll()
    var layout = source.layout
    layout.pixelType = .float32
    var writer = try GeoTIFFWriter(url: scene, layout: layout)
    // Digital numbers from 1000 on, four to a step of 8 bits.
    try writer.write(
      Window(
        bandCount: bytes.bandCount, height: bytes.height, width: bytes.width,
        samples: bytes.samples.map { 1000 + 4 * Float($0) }), column: 0, row: 0)
    try writer.finish()
    #expect(throws: ModelError.self) {
      try Surveyor.survey(scene: scene, bundle: bundle, grid: grid, chips: chips)
    }
    let stretched = try Surveyor.survey(
      scene: scene, bundle: bundle, grid: grid, chips: chips,
      stretch: Stretch(minimum: 1000, maximum: 2020))
    let plain = try Surveyor.survey(scene: low, bundle: bundle, grid: grid, chips: chips)
    #expect(stretched.chips == plain.chips)
  }

  @Test func `a survey can be cancelled`() throws {
    let grid = try grid()
    let chips = try chips(grid)
    #expect(throws: CancellationError.self) {
      try Surveyor.survey(scene: low, bundle: bundle, grid: grid, chips: chips) { _, _ in false }
    }
  }

  @Test func `classes of another model's survey are refused`() throws {
    let grid = try grid()
    let survey = Survey(
      grid: grid, classes: bundle.card.classes, chips: [], sceneDigest: "", modelDigest: "other",
      lowResolutionTemperature: 1)
    #expect(throws: ModelError.self) {
      try ChipClassifier.classify(survey: survey, bundle: bundle) { _ in [] }
    }
  }
}
