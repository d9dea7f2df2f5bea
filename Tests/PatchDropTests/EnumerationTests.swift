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
      #expect(agree(policy.keepProbabilities, problem.s))
      #expect(agree(policy.drawProbabilities, problem.sScaled))
      #expect(agree(policy.drawProbabilities.reduce(0, +), problem.sExpected))
      for index in 0..<16 {
        let logits = logits(problem, PatchMask(bits: UInt64(index)))
        #expect(agree(logits, problem.logits[index]))
        #expect(Calibration.bestIndex(logits) == problem.predicted[index])
        #expect((problem.predicted[index] == problem.y) == problem.correct[index])
        let bits = (0..<4).map { PatchMask(bits: UInt64(index)).contains($0) ? 1 : 0 }
        #expect(bits == problem.masks[index])
      }
      let rewards = rewards(problem)
      #expect(agree(rewards, problem.reward))
      #expect(agree(zip(chances, rewards).reduce(0) { $0 + $1.0 * $1.1 }, problem.largeJ))
      #expect(policy.greedyMask.bits == problem.aHatIndex)
      #expect(Calibration.bestIndex(rewards) == problem.bestRewardMaskIndex)
      #expect(agree(rewards[Int(problem.aHatIndex)], problem.rHat))
      #expect(agree(rewards.map { $0 - problem.rHat }, problem.advantage))
      #expect(agree(policy.entropy, problem.entropySScaled))
      #expect(agree(policy.entropyGradient, problem.gradEntropyU))
      let linear = (0..<16).map { index in
        RewardRule.linear(price: problem.linearReward.lambdaPerPatch * 4).reward(
          boughtCount: index.nonzeroBitCount, patchCount: 4,
          isRight: problem.predicted[index] == problem.y, trueProbability: 0)
      }
      #expect(agree(linear, problem.linearReward.reward))
      #expect(
        agree(zip(chances, linear).reduce(0) { $0 + $1.0 * $1.1 }, problem.linearReward.largeJ))
    }
  }

  @Test func `a reward knows of a mask its count and the answer alone`() {
    for problem in problems {
      var seen: [[Int]: Double] = [:]
      for (index, reward) in rewards(problem).enumerated() {
        let kind = [index.nonzeroBitCount, problem.correct[index] ? 1 : 0]
        #expect(seen[kind, default: reward] == reward)
        seen[kind] = reward
      }
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
      // The policy is linear in the LR pixels.
      for patch in 0..<4 {
        let weights = problem.xL.map { problem.gradJU[patch] * $0 }
        #expect(agree(weights, problem.gradJPolicyW[patch]))
      }
      #expect(agree(problem.gradJU, problem.gradJPolicyB))
    }
  }

  /// The mean squared length of an estimator's error, over all masks or pairs of masks.
  private func variance(
    _ problem: Problem, drawCount: Int, advantages: ([Double]) -> [Double]
  ) -> Double {
    let slopes = (0..<16).map {
      policy(problem).logLikelihoodGradient(of: PatchMask(bits: UInt64($0)))
    }
    var total = 0.0
    for code in 0..<(drawCount == 1 ? 16 : 256) {
      let draws = drawCount == 1 ? [code] : [code / 16, code % 16]
      let chance = draws.map { problem.pi[$0] }.reduce(1, *)
      let worth = advantages(draws.map { problem.reward[$0] })
      for patch in 0..<4 {
        let sum = zip(draws, worth).reduce(0) { $0 + $1.1 * slopes[$1.0][patch] }
        let error = sum / Double(drawCount) - problem.gradJU[patch]
        total += chance * error * error
      }
    }
    return total
  }

  @Test func `estimators scatter as much as enumeration says`() {
    for problem in problems {
      let expected = problem.estimatorTotalVariance
      let found = [
        "one_sample_no_baseline": variance(problem, drawCount: 1) { $0 },
        "one_sample_self_critical": variance(problem, drawCount: 1) {
          Baseline.selfCritical.advantages(rewards: $0, greedyReward: problem.rHat)
        },
        "two_sample_no_baseline": variance(problem, drawCount: 2) { $0 },
        "two_sample_rloo": variance(problem, drawCount: 2) {
          Baseline.leaveOneOut.advantages(rewards: $0, greedyReward: .nan)
        },
      ]
      #expect(Set(expected.keys) == Set(found.keys))
      for (name, value) in found {
        #expect(agree(value, expected[name] ?? .nan), "\(name) of problem \(problem.id)")
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
