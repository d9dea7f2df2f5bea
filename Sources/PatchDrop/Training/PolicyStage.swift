// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Neural
import Platform

/// An agent under training: what a policy stage changes, and what it is judged by.
struct AgentInTraining {
  var policy: PolicyNetwork
  var hrClassifier: Network
  let low: LowAnswers
}

/// Trains a policy by REINFORCE: in Pt against a frozen HR classifier, in Ft-1 and Ft-2 together
/// with it.
///
/// The epoch is kept whose greedy masks earn the highest mean reward on `tune`; where a number of
/// patches is wanted, the one whose masks of that number give the truth the highest mean
/// probability. The LR classifier is frozen.
struct PolicyStage: EpochTraining {
  let stage: TrainingStage
  let data: TrainingChips
  let options: PolicyOptions
  let fusion: Fusion
  let teacher: Teacher?
  private let tune: SplitView
  var agent: AgentInTraining
  private var optimisers = Optimisers()

  init(
    stage: TrainingStage, data: TrainingChips, options: PolicyOptions, fusion: Fusion,
    teacher: Teacher?, agent: AgentInTraining
  ) {
    self.teacher = teacher
    self.stage = stage
    self.data = data
    self.options = options
    self.fusion = fusion
    self.agent = agent
    tune = SplitView(data: data, split: .tune, low: agent.low)
  }

  /// The optimisers.
  private struct Optimisers {
    var policy = Adam(learningRate: 0)
    var hrClassifier = Adam(learningRate: 0)

    mutating func setRates(_ options: PolicyOptions, share: Double) {
      policy.learningRate = options.policyRate * share
      hrClassifier.learningRate = options.classifierRate * share
    }
  }

  var epochs: Int { options.epochs }
  var batchSize: Int { options.batchSize }
  private var trainsClassifier: Bool { options.classifierRate > 0 }

  func state() -> StageState {
    var state = StageState()
    state.keep(agent.policy.network, optimisers.policy, as: "policy")
    if trainsClassifier { state.keep(agent.hrClassifier, optimisers.hrClassifier, as: "hr") }
    return state
  }

  mutating func load(_ state: StageState) throws {
    try state.restore(&agent.policy.network, &optimisers.policy, from: "policy")
    if trainsClassifier {
      try state.restore(&agent.hrClassifier, &optimisers.hrClassifier, from: "hr")
    }
  }

  /// How the agent does on `tune`.
  func judge() -> (figures: TuneFigures, score: Double?) {
    let keep = tune.keepProbabilities(agent.policy)
    let greedy = keep.map { MaskPolicy.mask(keepProbabilities: $0) }
    let threshold = options.targetPatches.map { SplitView.threshold(keep, patches: $0) }
    let masks =
      threshold.map { threshold in
        keep.map { MaskPolicy.mask(keepProbabilities: $0, threshold: threshold) }
      } ?? greedy
    let outcome = tune.outcome(masks: masks, network: agent.hrClassifier, fusion: fusion)
    let rewards = outcome.logits.indices.map {
      reward(outcome.logits[$0], label: tune.labels[$0], boughtCount: masks[$0].count)
    }
    let count = Double(max(masks.count, 1))
    let figures = TuneFigures(
      accuracy: outcome.accuracy,
      greedyPatches: Double(greedy.reduce(0) { $0 + $1.count }) / count,
      distinctMasks: Set(greedy).count, collapse: PolicyCollapse.of(masks, grid: data.grid))
    let earned = rewards.reduce(0, +) / count
    return (figures, options.targetPatches == nil ? earned : outcome.trueProbability)
  }

  mutating func step(
    _ step: [Int], at place: StepPlace, meter: inout EpochMeter,
    using generator: inout SeededGenerator
  ) throws {
    let share = LearningRateSchedule.cosine(from: 1, steps: place.total)
      .rate(atStep: place.index)
    optimisers.setRates(options, share: share)
    let views = generator.views(step.count, options.augmentation, step: data.chips.zoom)
    let images = data.lowBatch(step, views: views)
    let low = agent.low.logits(step, pixels: images)
    agent.policy.network.zeroGradients()
    // The baseline's mask is what testing would buy: running statistics, no exploration.
    let greedyLogits =
      options.baseline == .selfCritical ? agent.policy.evaluate(images, lowLogits: low) : nil
    let logits = agent.policy.forward(images, lowLogits: low)
    let exploration = options.exploration.exploration(epoch: place.epoch, of: options.epochs)
    let policies = step.indices.map {
      MaskPolicy(logits: logits.row($0), exploration: exploration)
    }
    var draws = MaskedChips()
    for (place, index) in step.enumerated() {
      for _ in 0..<options.drawsPerChip {
        draws.append(
          index, view: views[place], mask: policies[place].draw(using: &generator),
          lowLogits: low.row(place))
      }
    }
    let greedy = greedyRewards(step, views: views, low: low, logits: greedyLogits)
    let (rewards, loss) = try classify(
      draws, step: step, views: views, low: low, epoch: place.epoch, meter: &meter,
      using: &generator)
    let gradient = policyGradient(
      policies, draws: draws, rewards: rewards, greedyRewards: greedy,
      entropyWeight: options.entropyBonus * share)
    agent.policy.network.backward(gradient)
    let norm = agent.policy.network.clipGradients(toNorm: 1)
    optimisers.policy.step(&agent.policy.network)
    meter.add(loss: loss, gradientNorm: norm)
  }

  /// The draws' rewards; in Ft-2 it also trains the HR classifier on them.
  private mutating func classify(
    _ draws: MaskedChips, step: [Int], views: [ChipView], low: Tensor, epoch: Int,
    meter: inout EpochMeter, using generator: inout SeededGenerator
  ) throws -> (rewards: [Double], loss: Double) {
    let classifier = MaskedClassifier(data: data, fusion: fusion)
    var shown = draws
    if trainsClassifier {
      for (place, index) in step.enumerated()
      where Double(generator.uniform()) < options.replayShare {
        let isWhole = generator.next() & 1 == 0
        let mask =
          isWhole ? PatchMask.all(of: data.grid) : .random(of: data.grid, using: &generator)
        shown.append(index, view: views[place], mask: mask, lowLogits: low.row(place))
      }
      agent.hrClassifier.zeroGradients()
    }
    let labels = data.labels(shown.indices)
    let mode: PassMode = options.keepsStatistics ? .trainFrozen : .train
    let fused = classifier.logits(shown) {
      trainsClassifier
        ? agent.hrClassifier.forward($0, mode: mode) : agent.hrClassifier.evaluate($0)
    }
    var loss = 0.0
    if let (value, gradient) = classifier.loss(
      shown, logits: fused, labels: labels, teacher: teacher)
    {
      guard value.isFinite else {
        throw ModelError.diverged(stage: stage.rawValue, epoch: epoch + 1)
      }
      loss = value
      if trainsClassifier {
        agent.hrClassifier.backward(gradient)
        agent.hrClassifier.clipGradients(toNorm: 5)
        optimisers.hrClassifier.step(&agent.hrClassifier)
      }
    }
    let drawn = draws.indices.indices
    meter.add(
      answers: drawn.map { Calibration.bestIndex(fused[$0]) }, truth: Array(labels[drawn]))
    let rewards = drawn.map { row in
      reward(fused[row], label: labels[row], boughtCount: draws.masks[row].count)
    }
    for row in drawn { meter.add(reward: rewards[row], boughtCount: draws.masks[row].count) }
    return (rewards, loss)
  }

  /// The rewards of the greedy masks, where the baseline wants them.
  private func greedyRewards(
    _ step: [Int], views: [ChipView], low: Tensor, logits: Tensor?
  ) -> [Double] {
    guard let logits else { return [Double](repeating: 0, count: step.count) }
    var chips = MaskedChips()
    for (place, index) in step.enumerated() {
      chips.append(
        index, view: views[place], mask: MaskPolicy(logits: logits.row(place)).greedyMask,
        lowLogits: low.row(place))
    }
    let fused = MaskedClassifier(data: data, fusion: fusion)
      .logits(chips) { agent.hrClassifier.evaluate($0) }
    return step.indices.map {
      reward(
        fused[$0], label: data.chips.labels[step[$0]], boughtCount: chips.masks[$0].count)
    }
  }

  /// The gradient of the loss with respect to the policy's logits, `[chips, P]`: the mean over
  /// draws of -A times the log-likelihood's, in Pt the mean over patches too.
  private func policyGradient(
    _ policies: [MaskPolicy], draws: MaskedChips, rewards: [Double], greedyRewards: [Double],
    entropyWeight: Double
  ) -> Tensor {
    let patchCount = data.grid.patchCount
    let drawCount = options.drawsPerChip
    let scale = 1 / Double(policies.count * (stage == .pt ? patchCount : 1))
    var gradient = Tensor(shape: [policies.count, patchCount])
    for (place, policy) in policies.enumerated() {
      let rows = place * drawCount..<(place + 1) * drawCount
      let advantages = options.baseline.advantages(
        rewards: Array(rewards[rows]), greedyReward: greedyRewards[place])
      var sum = zip(policy.entropyGradient, policy.logits).map {
        entropyWeight * $0 - options.logitDecay * $1
      }
      for (row, advantage) in zip(rows, advantages) {
        let slope = policy.logLikelihoodGradient(of: draws.masks[row])
        for patch in 0..<patchCount { sum[patch] += advantage * slope[patch] / Double(drawCount) }
      }
      for patch in 0..<patchCount {
        gradient[place * patchCount + patch] = Float(-scale * sum[patch])
      }
    }
    return gradient
  }

  private func reward(_ logits: [Double], label: Int, boughtCount: Int) -> Double {
    options.reward.reward(
      boughtCount: boughtCount, patchCount: data.grid.patchCount,
      isRight: Calibration.bestIndex(logits) == label,
      trueProbability: Calibration.softmax(logits)[label])
  }
}
