// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Neural
import Platform

/// Starts a policy from what can be measured without drawing: whether all of a chip is worth more
/// than nothing of it.
///
/// Independent draws seldom find "all or nothing" by themselves. Each training chip's reward for
/// everything less that for nothing says which is better and by how much; the policy is fitted to
/// that by a cross-entropy weighted with the difference, the same for every patch, which makes a
/// logit's sign say which is better for chips that look like this one. The logits are then
/// multiplied, so that draws are mostly all or nothing: between the two lies a valley, where a few
/// patches cost money and say less than the LR classifier. REINFORCE then finds which patches.
struct PolicyWarmStart {
  let data: TrainingChips
  let options: PolicyOptions
  let fusion: Fusion
  let seed: UInt64
  let log: TrainingLog

  /// Adam's first learning rate; REINFORCE goes on more carefully.
  private static let learningRate = 1e-3

  /// What logits are multiplied by at the end.
  private static let sharpness: Float = 8

  /// Fits the agent's policy for `options.warmStartEpochs` epochs.
  func run(_ agent: AgentInTraining) throws -> PolicyNetwork {
    var policy = agent.policy
    guard options.warmStartEpochs > 0 else { return policy }
    let advantages = advantages(of: agent)
    var optimiser = Adam(learningRate: Self.learningRate)
    for epoch in 0..<options.warmStartEpochs {
      // Apart from the epochs of the stage itself.
      var generator = SeededGenerator(seed: seed, stage: .pt, epoch: 2_000_000 + epoch)
      let steps = data.steps(batchSize: options.batchSize, using: &generator)
      let schedule = LearningRateSchedule.cosine(
        from: Self.learningRate, to: Self.learningRate / 10,
        steps: options.warmStartEpochs * steps.count)
      for (number, step) in steps.enumerated() {
        optimiser.learningRate = schedule.rate(atStep: epoch * steps.count + number)
        policy.network.zeroGradients()
        let pixels = data.lowBatch(
          step, views: generator.views(step.count, options.augmentation, step: data.chips.zoom))
        let logits = policy.forward(pixels, lowLogits: agent.low.logits(step, pixels: pixels))
        policy.network.backward(gradient(logits, advantages: step.map { advantages[$0] ?? 0 }))
        optimiser.step(&policy.network)
      }
    }
    try policy.sharpen(by: Self.sharpness)
    let worthIt = advantages.values.count { $0 > 0 }
    let tune = SplitView(data: data, split: .tune, low: agent.low).keepProbabilities(policy)
    let patches = tune.reduce(0.0) { $0 + $1.reduce(0, +) } / Double(max(tune.count, 1))
    log.say(
      "pt: the policy starts from the worth of whole chips: "
        + "\(TrainingLog.percent(Double(worthIt) / Double(max(advantages.count, 1)))) of them pay; "
        + "it draws \(TrainingLog.number(patches, 2)) patches a chip on tune")
    return policy
  }

  /// The reward of everything less that of nothing, for each training image.
  private func advantages(of agent: AgentInTraining) -> [Int: Double] {
    let view = SplitView(data: data, split: .train, low: agent.low)
    func rewards(_ mask: PatchMask) -> [Double] {
      let masks = [PatchMask](repeating: mask, count: view.indices.count)
      let outcome = view.outcome(masks: masks, network: agent.hrClassifier, fusion: fusion)
      return zip(outcome.logits, view.labels).map { logits, label in
        options.reward.reward(
          boughtCount: mask.count, patchCount: data.grid.patchCount,
          isRight: Calibration.bestIndex(logits) == label,
          trueProbability: Calibration.softmax(logits)[label])
      }
    }
    let differences = zip(rewards(.all(of: data.grid)), rewards(.none)).map { $0 - $1 }
    return Dictionary(uniqueKeysWithValues: zip(view.indices, differences))
  }

  /// The gradient of the weighted cross-entropy, `[chips, P]`.
  private func gradient(_ logits: Tensor, advantages: [Double]) -> Tensor {
    let patchCount = data.grid.patchCount
    var gradient = Tensor(shape: [advantages.count, patchCount])
    for (row, advantage) in advantages.enumerated() {
      let target = advantage > 0 ? 1.0 : 0
      let policy = MaskPolicy(logits: logits.row(row))
      for patch in 0..<patchCount {
        gradient[row * patchCount + patch] = Float(
          abs(advantage) * (policy.keepProbabilities[patch] - target)
            / Double(advantages.count * patchCount))
      }
    }
    return gradient
  }
}
