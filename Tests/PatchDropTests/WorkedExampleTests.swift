// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Neural
import PatchDrop
import Platform
import Raster
import Testing

/// The worked examples beside the formulas: losses of whole batches, pixels, orders, bins, and the
/// readings that must not be computed.
@Suite struct WorkedExampleTests {
  private let golden: GoldenVectors

  init() throws { golden = try GoldenVectors.shared.get() }

  private func mask(_ bits: [Int]) -> PatchMask {
    PatchMask(bits.indices.filter { bits[$0] == 1 })
  }

  @Test func `all worked examples are used`() throws {
    let url = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/golden/patchdrop.json")
    let tree = try JSONSerialization.jsonObject(with: Data(contentsOf: url))
    let keys = Set(try #require(tree as? [String: Any]).keys)
    let used = [
      "reward_table_p16", "reward_cases", "alpha_scaling", "alpha_schedules", "patch_grid",
      "masking_normalised", "downsampling", "ft2_fusion", "self_critical", "threshold_tie",
      "batch_loss", "entropy", "rloo", "enumeration_p4", "reward_break_even_p16", "calibration",
      "fixed_orders_row_major",
    ]
    // The toy of planning is of a planner over gain curves.
    #expect(keys == Set(used + ["about", "planning_toy"]))
  }

  // MARK: The policy

  @Test func `the slides' line is not what is computed`() throws {
    // alpha + (1 - s)(1 - alpha) falls as s rises, and buys every patch.
    var told = 0
    for row in golden.alphaScaling.rows {
      let line = row.alpha + (1 - row.s) * (1 - row.alpha)
      #expect(agree(line, row.slideReadingWrong))
      guard let exploration = Exploration(alpha: row.alpha), row.alpha < 1 else { continue }
      #expect(exploration.scaled(0) < exploration.scaled(1))
      #expect(agree(exploration.scaled(0.5), 0.5))
      #expect(agree(exploration.scaled(0), 1 - row.alpha))
      #expect(agree(exploration.scaled(1), row.alpha))
      told += agree(exploration.scaled(row.s), line) ? 0 : 1
    }
    #expect(told > 5)
    for alpha in [0.5, 0.49, 0, -1, 1.01, .nan] { #expect(Exploration(alpha: alpha) == nil) }
  }

  @Test func `the follow-up's alpha is a line that ends`() {
    for row in golden.alphaSchedules.objectDetectionFollowup {
      let schedule = ExplorationSchedule(start: row.start, end: 0.95)
      // A thousandth an epoch.
      let epochs = Int(((0.95 - row.start) * 1000).rounded()) + 1
      #expect(agree(schedule.exploration(epoch: row.epoch, of: epochs).alpha, row.alpha))
    }
  }

  @Test func `self-critical losses of single chips`() {
    for test in golden.selfCritical {
      let exploration = Exploration(alpha: test.alpha) ?? .none
      let policy = MaskPolicy(logits: test.u, exploration: exploration)
      let drawn = mask(test.a)
      #expect(drawn.count == test.k && policy.greedyMask.count == test.kHat, "\(test.name)")
      #expect(Calibration.bestIndex(test.zSample) == test.a2, "\(test.name)")
      #expect(Calibration.bestIndex(test.zGreedy) == test.a2Hat, "\(test.name)")
      let count = Double(test.largeP)
      let loss = -test.largeA * policy.logLikelihood(of: drawn)
      #expect(agree(loss, test.lossSumOverPatches), "\(test.name)")
      #expect(agree(loss / count, test.lossMeanOverPatches), "\(test.name)")
      let slope = policy.logLikelihoodGradient(of: drawn)
      #expect(agree(slope.map { -test.largeA * $0 }, test.gradLossSumU), "\(test.name)")
      #expect(agree(slope.map { -test.largeA * $0 / count }, test.gradLossMeanU), "\(test.name)")
      // The chain from the scaled probability to the logit.
      let chained = test.dlogpiDsScaled.indices.map { patch in
        test.dlogpiDsScaled[patch] * exploration.slope * test.s[patch] * (1 - test.s[patch])
      }
      #expect(agree(slope, chained), "\(test.name)")
      let crossEntropy = Calibration.negativeLogLikelihood(
        logits: [test.zSample], truth: [test.y])
      #expect(agree(crossEntropy, test.crossEntropySample), "\(test.name)")
    }
  }

  @Test func `a batch's loss is a mean over patches in Pt alone`() {
    let test = golden.batchLoss
    let policies = test.u.map {
      MaskPolicy(logits: $0, exploration: Exploration(alpha: test.alpha) ?? .none)
    }
    let chips = policies.indices
    let batch = Double(policies.count)
    let patches = Double(test.u[0].count)
    let loss = chips.map { -test.largeA[$0] * policies[$0].logLikelihood(of: mask(test.a[$0])) }
      .reduce(0, +)
    #expect(agree(loss / batch, test.ftLossSumOverPatchesMeanOverBatch))
    #expect(agree(loss / batch / patches, test.ptLossMeanOverBatchAndPatches))
    for chip in chips {
      let slope = policies[chip].logLikelihoodGradient(of: mask(test.a[chip]))
      let gradient = slope.map { -test.largeA[chip] * $0 / batch }
      #expect(agree(gradient, test.ftGradU[chip]))
      #expect(agree(gradient.map { $0 / patches }, test.ptGradU[chip]))
    }
  }

  @Test func `a tie is where the authors' code buys everything`() throws {
    let tie = golden.thresholdTie
    let strict = MaskPolicy.mask(keepProbabilities: tie.s)
    #expect(strict == mask(tie.strictGreater) && strict.isEmpty)
    #expect(strict != mask(tie.greaterOrEqualAuthorsCode))
    let above = MaskPolicy.mask(keepProbabilities: tie.s.map(\.nextUp))
    #expect(above == .all(of: try #require(PatchGrid(side: 2))))
  }

  @Test func `leaving one out compares with the mean of the others`() {
    let advantages = Baseline.leaveOneOut.advantages(
      rewards: golden.rloo.rewards, greedyReward: .nan)
    #expect(agree(zip(golden.rloo.rewards, advantages).map { $0 - $1 }, golden.rloo.baselines))
  }

  @Test func `the entropy is not the one-sided one`() {
    for (index, probability) in golden.entropy.s.enumerated() {
      let oneSided = golden.entropy.blockdropOneSided[index]
      #expect(agree(-probability * log(probability), oneSided))
      #expect(!agree(MaskPolicy.entropy(probability), oneSided))
      #expect(agree(MaskPolicy.entropy(probability), MaskPolicy.entropy(1 - probability)))
    }
  }

  @Test func `the same seed draws the same masks`() {
    let policy = MaskPolicy(logits: (0..<16).map { Double($0) / 4 - 2 })
    func masks(_ seed: UInt64) -> [PatchMask] {
      var generator = SeededGenerator(seed: seed)
      return (0..<100).map { _ in policy.draw(using: &generator) }
    }
    #expect(masks(3) == masks(3) && masks(3) != masks(4))
    let mean = Double(masks(3).reduce(0) { $0 + $1.count }) / 100
    #expect(abs(mean - policy.drawProbabilities.reduce(0, +)) < 0.8)
  }

  // MARK: Pixels

  @Test func `unbought patches are the mean after normalising`() throws {
    let test = golden.maskingNormalised
    let normalisation = Normalisation(mean: [test.channelMean], std: [test.channelStd])
    let form = ChipTensor(
      bandCount: 1, side: 4, grid: try #require(PatchGrid(side: 2)), normalisation: normalisation)
    let samples = test.rawU8.flatMap { $0 }
    let batch = form.batch([(samples[...], mask(test.mask))], threadCount: 1)
    let found = batch.values.map { Double($0) }
    #expect(agree(found, test.expectedMasked.flatMap { $0 }, tolerance: 1e-6))
    #expect(!agree(found, test.wrongMaskBeforeNormalisation.flatMap { $0 }, tolerance: 0.1))
    let wrongHole = test.valueWrongOrderGivesDroppedPixel
    #expect(agree(normalisation.value(0, band: 0), wrongHole))
    #expect(!found.contains { agree($0, wrongHole, tolerance: 1e-3) })
    #expect(abs(normalisation.value(test.valueADroppedPixelHasInRawUnits, band: 0)) < 1e-12)
    for (row, line) in test.rawU8.enumerated() {
      #expect(agree(line.map { normalisation.value(Double($0), band: 0) }, test.normalised[row]))
    }
  }

  @Test func `a ramp's low resolution is its means, or its corners`() {
    let ramp = Window(bandCount: 1, height: 8, width: 8, samples: (0..<64).map { UInt8($0) })
    let area = LowResolutionSource.area.low(of: ramp, zoom: 4).samples
    // Whole numbers, as a sensor's are.
    for (sample, mean) in zip(area, golden.downsampling.area.flatMap { $0 }) {
      #expect(abs(Double(sample) - mean) <= 0.5)
    }
    let nearest = LowResolutionSource.nearest.low(of: ramp, zoom: 4).samples
    #expect(nearest.map { Double($0) } == golden.downsampling.nearest.flatMap { $0 })
    #expect(area != nearest)
  }

  @Test func `patches count by rows, and the paper's figure by columns`() {
    let grid = PatchGrid.paper
    for (places, side) in [(golden.patchGrid.hr32P16, 32), (golden.patchGrid.hr64P16, 64)] {
      #expect(places.map(\.p) == Array(0..<16))
      let quarter = side / grid.side
      for place in places {
        #expect(place.size == quarter)
        #expect(place.y0 == grid.row(of: place.p) * quarter)
        #expect(place.x0 == grid.column(of: place.p) * quarter)
      }
    }
    let transposed = (0..<16).map { grid.patch(row: $0 % grid.side, column: $0 / grid.side) }
    #expect(transposed == golden.patchGrid.columnMajorFigureToRowMajor)
  }

  // MARK: Calibration

  @Test func `confidences fall into fifteen bins`() {
    let test = golden.calibration.ece15
    let bins = Calibration.bins(
      confidences: test.confidence, isRight: test.correct.map { $0 == 1 })
    #expect(bins.count == 15)
    for bin in test.bins {
      #expect(bins[bin.bin].count == bin.count)
      #expect(agree(bins[bin.bin].confidence, bin.meanConfidence))
      #expect(agree(bins[bin.bin].accuracy, bin.accuracy))
    }
    #expect(bins.reduce(0) { $0 + $1.count } == test.confidence.count)
  }

  @Test func `a temperature changes confidence, and no answer`() {
    let test = golden.calibration.temperature
    func error(_ temperature: Double) -> Double {
      let answers = test.logits.map { Calibration.softmax($0, temperature: temperature) }
      return Calibration.expectedError(
        confidences: answers.map { $0.max() ?? 0 },
        isRight: zip(answers, test.y).map { Calibration.bestIndex($0) == $1 })
    }
    #expect(agree(error(1), test.eceT1))
    #expect(agree(error(test.tOpt), test.eceTOpt, tolerance: 1e-6))
  }
}
