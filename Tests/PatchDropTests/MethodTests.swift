// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import PatchDrop
import Platform
import Testing

/// The formulas against worked examples.
@Suite struct MethodTests {
  private let golden: GoldenVectors

  init() throws { golden = try GoldenVectors.shared.get() }

  private func mask(_ bits: [Int]) -> PatchMask {
    PatchMask(bits.indices.filter { bits[$0] == 1 })
  }

  private func paperReward(
    _ mask: PatchMask, of patchCount: Int, isRight: Bool, penalty: Double
  ) -> Double {
    RewardRule.paper(penalty: penalty).reward(
      boughtCount: mask.count, patchCount: patchCount, isRight: isRight, trueProbability: 0)
  }

  @Test func `rewards are the paper's`() {
    for row in golden.rewardTableP16 {
      let mask = PatchMask(0..<row.k)
      #expect(agree(paperReward(mask, of: 16, isRight: true, penalty: 1), row.correct))
      for (penalty, expected) in row.incorrect {
        let penalty = Double(penalty) ?? .nan
        #expect(agree(paperReward(mask, of: 16, isRight: false, penalty: penalty), expected))
      }
    }
    for test in golden.rewardCases {
      let reward = paperReward(
        mask(test.mask), of: test.mask.count, isRight: test.correct, penalty: test.sigma)
      #expect(agree(reward, test.expected))
    }
  }

  @Test func `a reward breaks even where the ratio of chances says`() {
    for row in golden.rewardBreakEvenP16.rows {
      for (bought, ratio) in row.ratioNeededQK1OverQK.enumerated() {
        let found = RewardRule.breakEvenRatio(
          penalty: row.sigma, boughtCount: bought, nextCount: bought + 1, patchCount: 16)
        #expect(agree(found, ratio))
      }
      let whole = RewardRule.breakEvenRatio(
        penalty: row.sigma, boughtCount: 0, nextCount: 16, patchCount: 16)
      #expect(agree(whole, row.ratioNeededQ16OverQ0))
    }
  }

  @Test func `exploration scales from both sides`() {
    for row in golden.alphaScaling.rows {
      guard let exploration = Exploration(alpha: row.alpha) else {
        #expect(row.alpha <= 0.5)
        continue
      }
      #expect(agree(exploration.scaled(row.s), row.sScaled))
      #expect(agree(exploration.slope, row.dsScaledDs))
      // The slides' line lost a factor; it must not be what is computed.
      if abs(row.sScaled - row.slideReadingWrong) > 1e-9 {
        #expect(!agree(exploration.scaled(row.s), row.slideReadingWrong))
      }
    }
    #expect(Exploration(alpha: 0.5) == nil)
    #expect(Exploration(alpha: 1.01) == nil)
  }

  @Test func `alpha rises along a line`() {
    for row in golden.alphaSchedules.linear {
      let schedule = ExplorationSchedule(start: row.start, end: row.end)
      #expect(agree(schedule.exploration(epoch: row.epoch, of: row.epochs).alpha, row.alpha))
    }
  }

  @Test func `self-critical advantages and gradients`() {
    for test in golden.selfCritical {
      let policy = MaskPolicy(
        logits: test.u, exploration: Exploration(alpha: test.alpha) ?? .none)
      let drawn = mask(test.a)
      let greedy = policy.greedyMask
      #expect(agree(policy.keepProbabilities, test.s), "\(test.name)")
      #expect(agree(policy.drawProbabilities, test.sScaled), "\(test.name)")
      #expect(greedy == mask(test.aHat), "\(test.name)")
      #expect(agree(policy.logLikelihoods(of: drawn), test.logPiPerPatch), "\(test.name)")
      #expect(agree(policy.logLikelihood(of: drawn), test.logPi), "\(test.name)")
      let gradient = policy.logLikelihoodGradient(of: drawn)
      #expect(agree(gradient, test.dlogpiDu), "\(test.name)")
      // The worked examples add logits also where nothing was bought.
      let fusion: Fusion = test.variant == "ft2" ? .sum : .none
      let low = test.fL ?? test.u
      func reward(_ high: [Double], _ expected: [Double], _ mask: PatchMask) -> Double {
        let logits = fusion.logits(
          high: high, low: low, boughtCount: max(mask.count, 1), patchCount: test.largeP)
        #expect(agree(logits, expected), "\(test.name)")
        return paperReward(
          mask, of: test.largeP, isRight: Calibration.bestIndex(logits) == test.y,
          penalty: test.sigma)
      }
      let sampled = reward(test.fHSample, test.zSample, drawn)
      let baseline = reward(test.fHGreedy, test.zGreedy, greedy)
      #expect(agree(sampled, test.largeR) && agree(baseline, test.rHat), "\(test.name)")
      let advantage = Baseline.selfCritical.advantages(
        rewards: [sampled], greedyReward: baseline)[0]
      #expect(agree(advantage, test.largeA), "\(test.name)")
      if drawn == greedy { #expect(advantage == 0) }
      #expect(agree(gradient.map { advantage * $0 }, test.policyGradientU), "\(test.name)")
    }
  }

  @Test func `a keep probability of exactly one half is not bought`() {
    let policy = MaskPolicy(logits: [0, 0, 0, 0])
    #expect(policy.keepProbabilities == golden.thresholdTie.s)
    #expect(policy.greedyMask == mask(golden.thresholdTie.strictGreater))
  }

  @Test(arguments: [4, 16, 25, 36, 64])
  func `masks of many chips are those of single ones`(patchCount: Int) {
    var generator = SeededGenerator(seed: 5)
    var keep = (0..<9 * patchCount).map { _ in Float(generator.uniform()) }
    (keep[1], keep[2], keep[3]) = (0.5, .nan, Float(0.5).nextUp)
    let masks = MaskPolicy.masks(keepProbabilities: keep, patchCount: patchCount, threshold: 0.5)
    #expect(
      masks
        == (0..<9).map { chip in
          MaskPolicy.mask(
            keepProbabilities: keep[chip * patchCount..<(chip + 1) * patchCount], threshold: 0.5)
        })
    #expect(!masks[0].contains(1) && !masks[0].contains(2) && masks[0].contains(3))
  }

  @Test func `leaving one out sums to nothing`() {
    let advantages = Baseline.leaveOneOut.advantages(
      rewards: golden.rloo.rewards, greedyReward: .nan)
    #expect(agree(advantages, golden.rloo.advantages))
    #expect(abs(advantages.reduce(0, +)) < 1e-12)
  }

  @Test func `entropy is two-sided`() {
    for (index, probability) in golden.entropy.s.enumerated() {
      #expect(agree(MaskPolicy.entropy(probability), golden.entropy.bernoulliEntropy[index]))
      #expect(agree(MaskPolicy.entropySlope(probability), golden.entropy.dEntropyDs[index]))
    }
  }

  @Test func `fusion adds logits, and leaves the LR classifier alone where nothing was bought`() {
    for test in golden.ft2Fusion {
      let sum = Fusion.sum.logits(
        high: test.fH, low: test.fL, boughtCount: max(test.k, 1), patchCount: test.largeP)
      #expect(agree(sum, test.sumLogits), "\(test.name)")
      #expect(agree(Calibration.softmax(sum), test.sumSoftmax), "\(test.name)")
      #expect(agree(Calibration.softmax(sum), test.productOfSoftmaxesRenormalised))
      #expect(Calibration.bestIndex(sum) == test.sumArgmax, "\(test.name)")
      let weighted = Fusion.weighted.logits(
        high: test.fH, low: test.fL, boughtCount: test.k, patchCount: test.largeP)
      #expect(agree(weighted, test.weightedLogits), "\(test.name)")
      #expect(Calibration.bestIndex(weighted) == test.weightedArgmax, "\(test.name)")
      for fusion in Fusion.allCases {
        let nothing = fusion.logits(
          high: test.fH, low: test.fL, boughtCount: 0, patchCount: test.largeP)
        #expect(nothing == test.fL)
      }
    }
  }

  @Test func `calibration error and temperature`() {
    let ece = golden.calibration.ece15
    let found = Calibration.expectedError(
      confidences: ece.confidence, isRight: ece.correct.map { $0 == 1 })
    #expect(agree(found, ece.ece))
    let test = golden.calibration.temperature
    let temperature = Calibration.temperature(logits: test.logits, truth: test.y)
    #expect(agree(temperature, test.tOpt, tolerance: 1e-6))
    #expect(
      agree(Calibration.negativeLogLikelihood(logits: test.logits, truth: test.y), test.nllT1))
    let after = Calibration.negativeLogLikelihood(
      logits: test.logits, truth: test.y, temperature: temperature)
    #expect(agree(after, test.nllTOpt, tolerance: 1e-8))
  }

  @Test func `patches count by rows`() {
    for (places, side) in [(golden.patchGrid.hr32P16, 32), (golden.patchGrid.hr64P16, 64)] {
      for place in places {
        #expect(PatchGrid.paper.row(of: place.p) == place.row)
        #expect(PatchGrid.paper.column(of: place.p) == place.col)
        #expect(place.y0 == place.row * side / 4 && place.x0 == place.col * side / 4)
      }
    }
  }

  @Test func `buying rises with a common shift of the logits`() {
    var generator = SeededGenerator(seed: 3)
    let logits = (0..<16).map { _ in Double(generator.uniform()) * 6 - 3 }
    let counts = stride(from: -4.0, through: 4, by: 0.25).map { shift in
      MaskPolicy(logits: logits.map { $0 + shift }).greedyMask.count
    }
    #expect(counts == counts.sorted() && counts.first == 0 && counts.last == 16)
  }

  @Test func `fixed masks fill the middle first`() {
    #expect(FixedOrder.horizontal.order(of: .paper) == golden.fixedOrdersRowMajor.fixedH)
    #expect(FixedOrder.vertical.order(of: .paper) == golden.fixedOrdersRowMajor.fixedV)
    #expect(FixedOrder.horizontal.mask(count: 8, of: .paper) == PatchMask(4..<12))
    #expect(FixedOrder.vertical.mask(count: 4, of: .paper) == PatchMask([1, 5, 9, 13]))
    #expect(FixedOrder.vertical.mask(count: 16, of: .paper) == .all(of: .paper))
  }
}
