// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Neural
import Platform

/// An agent under training: what a policy stage changes, and what it is judged by.
struct AgentInTraining {
  var policy: PolicyNetwork
  var hrClassifier: Network
  let lrClassifier: Network
}

/// Trains a policy by REINFORCE: in Pt against a frozen HR classifier, in Ft-2 together with it.
///
/// The epoch is kept whose masks at the wanted number of patches give the truth the highest mean
/// probability on `tune`. The LR classifier is frozen in both.
struct PolicyStage: EpochTraining {
  let stage: TrainingStage
  let data: TrainingChips
  let options: PolicyOptions
  let fusion: Fusion
  private let tune: SplitView
  var agent: AgentInTraining
  private var optimisers = Optimisers()

  init(
    stage: TrainingStage, data: TrainingChips, options: PolicyOptions, fusion: Fusion,
    agent: AgentInTraining
  ) {
    self.stage = stage
    self.data = data
    self.options = options
    self.fusion = fusion
    self.agent = agent
    tune = SplitView(data: data, split: .tune, lowNetwork: agent.lrClassifier)
  }

  /// The three optimisers; the trunk moves at a tenth of the head's rate, as it starts trained.
  private struct Optimisers {
    var head = Adam(learningRate: 0)
    var trunk = Adam(learningRate: 0)
    var hrClassifier = Adam(learningRate: 0)

    mutating func setRates(_ options: PolicyOptions, share: Double) {
      head.learningRate = options.policyRate * share
      trunk.learningRate = options.policyRate * share / 10
      hrClassifier.learningRate = options.classifierRate * share
    }
  }

  var epochs: Int { options.epochs }
  var batchSize: Int { options.batchSize }
  private var trainsClassifier: Bool { options.classifierRate > 0 }

  func state() -> StageState {
    var state = StageState()
    state.keep(agent.policy.head, optimisers.head, as: "head")
    state.keep(agent.policy.trunk, optimisers.trunk, as: "trunk")
    if trainsClassifier { state.keep(agent.hrClassifier, optimisers.hrClassifier, as: "hr") }
    return state
  }

  mutating func load(_ state: StageState) throws {
    try state.restore(&agent.policy.head, &optimisers.head, from: "head")
    try state.restore(&agent.policy.trunk, &optimisers.trunk, from: "trunk")
    if trainsClassifier {
      try state.restore(&agent.hrClassifier, &optimisers.hrClassifier, from: "hr")
    }
  }

  /// How the agent does on `tune` when it buys as many patches as wanted.
  func judge() -> (figures: TuneFigures, score: Double?) {
    let keep = tune.keepProbabilities(agent.policy)
    let threshold = SplitView.threshold(keep, patches: options.targetPatches)
    let masks = keep.map { MaskPolicy.mask(keepProbabilities: $0, threshold: threshold) }
    let outcome = tune.outcome(masks: masks, network: agent.hrClassifier, fusion: fusion)
    let greedy = keep.map { MaskPolicy.mask(keepProbabilities: $0) }
    let figures = TuneFigures(
      accuracy: outcome.accuracy,
      greedyPatches: Double(greedy.reduce(0) { $0 + $1.count }) / Double(max(greedy.count, 1)),
      distinctMasks: Set(greedy).count)
    return (figures, outcome.trueProbability)
  }

  mutating func step(
    _ step: [Int], at place: StepPlace, meter: inout EpochMeter,
    using generator: inout SeededGenerator
  ) throws {
    let share = LearningRateSchedule.cosine(from: 1, steps: place.total)
      .rate(atStep: place.index)
    optimisers.setRates(options, share: share)
    let turned = generator.turns(step.count)
    let images = data.lowBatch(step, turned: turned)
    let low = agent.lrClassifier.evaluate(images)
    agent.policy.trunk.zeroGradients()
    agent.policy.head.zeroGradients()
    let logits = agent.policy.forward(images)
    let exploration = options.exploration.exploration(epoch: place.epoch, of: options.epochs)
    let policies = step.indices.map {
      MaskPolicy(logits: logits.row($0), exploration: exploration)
    }
    var draws = MaskedChips()
    for (place, index) in step.enumerated() {
      for _ in 0..<options.drawsPerChip {
        draws.append(
          index, turned: turned[place], mask: policies[place].draw(using: &generator),
          lowLogits: low.row(place))
      }
    }
    let (rewards, loss) = try classify(
      draws, step: step, turned: turned, low: low, epoch: place.epoch, meter: &meter,
      using: &generator)
    let greedy = greedyRewards(step, turned: turned, low: low, policies: policies)
    let gradient = policyGradient(
      policies, draws: draws, rewards: rewards, greedyRewards: greedy,
      entropyWeight: options.entropyBonus * share)
    agent.policy.backward(gradient)
    let norm = agent.policy.head.clipGradients(toNorm: 1)
    agent.policy.trunk.clipGradients(toNorm: 1)
    optimisers.head.step(&agent.policy.head)
    optimisers.trunk.step(&agent.policy.trunk)
    meter.add(loss: loss, gradientNorm: norm)
  }

  /// The draws' rewards; in Ft-2 it also trains the HR classifier on them.
  private mutating func classify(
    _ draws: MaskedChips, step: [Int], turned: [Dihedral], low: Tensor, epoch: Int,
    meter: inout EpochMeter, using generator: inout SeededGenerator
  ) throws -> (rewards: [Double], loss: Double) {
    let classifier = MaskedClassifier(data: data, fusion: fusion)
    var shown = draws
    if trainsClassifier {
      // The network must stay good at masks that the policy has left behind, whole chips among
      // them: others plan with it too.
      for (place, index) in step.enumerated() where generator.next() & 3 == 0 {
        let isWhole = generator.next() & 1 == 0
        let mask =
          isWhole ? PatchMask.all(of: data.grid) : .random(of: data.grid, using: &generator)
        shown.append(index, turned: turned[place], mask: mask, lowLogits: low.row(place))
      }
      agent.hrClassifier.zeroGradients()
    }
    let labels = data.labels(shown.indices)
    let fused = classifier.logits(shown) {
      trainsClassifier
        ? agent.hrClassifier.forward($0, mode: .trainFrozen) : agent.hrClassifier.evaluate($0)
    }
    var loss = 0.0
    if let (value, gradient) = classifier.crossEntropy(shown, logits: fused, labels: labels) {
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
    _ step: [Int], turned: [Dihedral], low: Tensor, policies: [MaskPolicy]
  ) -> [Double] {
    guard options.baseline == .selfCritical else {
      return [Double](repeating: 0, count: step.count)
    }
    var chips = MaskedChips()
    for (place, index) in step.enumerated() {
      chips.append(
        index, turned: turned[place], mask: policies[place].greedyMask,
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
