// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import PatchDrop
import Platform
import Testing

/// REINFORCE against the exact gradient of five agents that are small enough to enumerate.
@Suite struct EnumerationTests {
  typealias Problem = GoldenVectors.Problem

  private let problems: [Problem]

  init() throws { problems = try GoldenVectors.shared.get().enumerationP4.problems }

  private func policy(_ problem: Problem) -> MaskPolicy {
    MaskPolicy(logits: problem.u, exploration: Exploration(alpha: problem.alpha) ?? .none)
  }

  private func product(_ layer: GoldenVectors.Layer, _ input: [Double]) -> [Double] {
    zip(layer.largeW, layer.b).map { row, bias in zip(row, input).reduce(bias) { $0 + $1.0 * $1.1 }
    }
  }

  /// The logits under a mask: a linear classifier on the 4 x 4 image, each patch 2 x 2 pixels.
  private func logits(_ problem: Problem, _ mask: PatchMask) -> [Double] {
    var image: [Double] = []
    for row in 0..<4 {
      for column in 0..<4 {
        let isBought = mask.contains(row / 2 * 2 + column / 2)
        image.append(isBought ? problem.xH[row][column] : 0)
      }
    }
    let fusion: Fusion = problem.variant == "ft2" ? .sum : .none
    // The worked examples add logits also where nothing was bought.
    return fusion.logits(
      high: product(problem.hrClassifier, image), low: product(problem.lrClassifier, problem.xL),
      boughtCount: max(mask.count, 1), patchCount: 4)
  }

  private func rewards(_ problem: Problem) -> [Double] {
    (0..<16).map { index in
      let mask = PatchMask(bits: UInt64(index))
      return RewardRule.paper(penalty: problem.sigma).reward(
        boughtCount: mask.count, patchCount: 4,
        isRight: Calibration.bestIndex(logits(problem, mask)) == problem.y, trueProbability: 0)
    }
  }

  @Test func `masks, answers and rewards are the enumerated ones`() {
    for problem in problems {
      let policy = policy(problem)
      #expect(agree(product(problem.policy, problem.xL), problem.u))
      let chances = (0..<16).map { exp(policy.logLikelihood(of: PatchMask(bits: UInt64($0)))) }
      #expect(agree(chances, problem.pi) && agree(chances.reduce(0, +), 1))
      for index in 0..<16 {
        let logits = logits(problem, PatchMask(bits: UInt64(index)))
        #expect(agree(logits, problem.logits[index]))
        #expect(Calibration.bestIndex(logits) == problem.predicted[index])
      }
      let rewards = rewards(problem)
      #expect(agree(rewards, problem.reward))
      #expect(agree(zip(chances, rewards).reduce(0) { $0 + $1.0 * $1.1 }, problem.largeJ))
      #expect(policy.greedyMask.bits == problem.aHatIndex)
      #expect(agree(policy.entropy, problem.entropySScaled))
      #expect(agree(policy.entropyGradient, problem.gradEntropyU))
      let linear = (0..<16).map { index in
        RewardRule.linear(price: problem.linearReward.lambdaPerPatch * 4).reward(
          boughtCount: index.nonzeroBitCount, patchCount: 4,
          isRight: problem.predicted[index] == problem.y, trueProbability: 0)
      }
      #expect(agree(linear, problem.linearReward.reward))
    }
  }

  @Test func `the expected update is the exact gradient, whatever the baseline`() {
    for problem in problems {
      let policy = policy(problem)
      for baseline in [0, problem.rHat, 3.7] {
        var sum = [Double](repeating: 0, count: 4)
        for index in 0..<16 {
          let slope = policy.logLikelihoodGradient(of: PatchMask(bits: UInt64(index)))
          for patch in 0..<4 {
            sum[patch] += problem.pi[index] * (problem.reward[index] - baseline) * slope[patch]
          }
        }
        #expect(agree(sum, problem.gradJU), "problem \(problem.id), baseline \(baseline)")
      }
    }
  }

  @Test func `drawn updates are right in the mean`() {
    let drawCount = 100_000
    for problem in problems {
      let policy = policy(problem)
      let slopes = (0..<16).map {
        policy.logLikelihoodGradient(of: PatchMask(bits: UInt64($0)))
      }
      var generator = SeededGenerator(seed: 7)
      var sum = [Double](repeating: 0, count: 4)
      for _ in 0..<drawCount {
        let index = Int(policy.draw(using: &generator).bits)
        let advantage = Baseline.selfCritical.advantages(
          rewards: [problem.reward[index]], greedyReward: problem.rHat)[0]
        for patch in 0..<4 { sum[patch] += advantage * slopes[index][patch] }
      }
      let variance = problem.estimatorTotalVariance["one_sample_self_critical"] ?? 0
      let error = 4 * (variance / Double(drawCount)).squareRoot()
      for patch in 0..<4 {
        #expect(abs(sum[patch] / Double(drawCount) - problem.gradJU[patch]) < error)
      }
    }
  }
}
