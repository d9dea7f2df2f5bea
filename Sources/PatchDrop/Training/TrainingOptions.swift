// SPDX-License-Identifier: Apache-2.0

/// The stages of a training, in their order.
public enum TrainingStage: String, Sendable, Codable, CaseIterable {
  /// The HR classifier on whole images.
  case hr
  /// The LR classifier.
  case lr
  /// The HR classifier on masked images, with the frozen LR classifier's logits.
  case warm
  /// The policy, against the frozen classifiers (Pt).
  case pt
  /// The policy and the HR classifier, with the frozen LR classifier (Ft-2).
  case ft2
}

/// How a classifier is trained.
public struct ClassifierOptions: Sendable, Equatable, Codable {
  /// Passes over the training images.
  public var epochs: Int
  /// Images of one step.
  public var batchSize: Int
  /// The first learning rate; it falls to 0 along a cosine.
  public var learningRate: Double
  /// The share of the velocity that a step keeps.
  public var momentum: Double
  /// The strength of L2 regularisation.
  public var weightDecay: Double
  /// The share of each target that is spread evenly over the classes.
  public var labelSmoothing: Double

  /// Creates options.
  public init(
    epochs: Int, batchSize: Int, learningRate: Double, momentum: Double = 0.9,
    weightDecay: Double = 5e-4, labelSmoothing: Double = 0
  ) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.learningRate = learningRate
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.labelSmoothing = labelSmoothing
  }

  private enum CodingKeys: String, CodingKey {
    case epochs
    case batchSize = "batch_size"
    case learningRate = "learning_rate"
    case momentum
    case weightDecay = "weight_decay"
    case labelSmoothing = "label_smoothing"
  }
}

/// How the HR classifier is warmed on random masks.
public struct WarmingOptions: Sendable, Equatable, Codable {
  /// Passes over the training images.
  public var epochs: Int
  /// Images of one step.
  public var batchSize: Int
  /// Adam's first learning rate; it falls to 0 along a cosine.
  public var learningRate: Double
  /// The share of images that stay whole; the others keep a uniform number of random patches.
  public var wholeShare: Double

  /// Creates options.
  public init(epochs: Int, batchSize: Int, learningRate: Double, wholeShare: Double) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.learningRate = learningRate
    self.wholeShare = wholeShare
  }

  private enum CodingKeys: String, CodingKey {
    case epochs
    case batchSize = "batch_size"
    case learningRate = "learning_rate"
    case wholeShare = "whole_share"
  }
}

/// How a policy is trained, with or without the HR classifier.
public struct PolicyOptions: Sendable, Equatable, Codable {
  /// Passes over the training images.
  public var epochs: Int
  /// Chips of one step.
  public var batchSize: Int
  /// Masks drawn for each chip of a step.
  public var drawsPerChip: Int
  /// What a draw's reward is compared with.
  public var baseline: Baseline
  /// What an episode earns.
  public var reward: RewardRule
  /// Alpha over the epochs.
  public var exploration: ExplorationSchedule
  /// The weight of the Bernoulli entropy in the objective, falling to 0 along the stage.
  public var entropyBonus: Double
  /// The pull of the logits towards 0, half the weight of their squares in the loss: a policy that
  /// is sure of everything has no gradient left to learn from.
  public var logitDecay: Double
  /// Adam's first learning rate for the policy; it falls to 0 along a cosine.
  public var policyRate: Double
  /// Adam's first learning rate for the HR classifier, falling likewise; 0 in Pt.
  public var classifierRate: Double
  /// Passes over the training images that fit the policy to the worth of whole chips first.
  public var warmStartEpochs: Int
  /// The mean number of patches a chip that the threshold is chosen for, on `tune`.
  public var targetPatches: Double

  /// Creates options.
  public init(
    epochs: Int, batchSize: Int, drawsPerChip: Int, baseline: Baseline, reward: RewardRule,
    exploration: ExplorationSchedule = .standard, entropyBonus: Double = 0,
    logitDecay: Double = 5e-4, policyRate: Double,
    classifierRate: Double = 0, warmStartEpochs: Int = 0, targetPatches: Double
  ) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.drawsPerChip = drawsPerChip
    self.baseline = baseline
    self.reward = reward
    self.exploration = exploration
    self.entropyBonus = entropyBonus
    self.logitDecay = logitDecay
    self.policyRate = policyRate
    self.classifierRate = classifierRate
    self.warmStartEpochs = warmStartEpochs
    self.targetPatches = targetPatches
  }

  private enum CodingKeys: String, CodingKey {
    case epochs
    case batchSize = "batch_size"
    case drawsPerChip = "draws_per_chip"
    case baseline
    case reward
    case exploration
    case entropyBonus = "entropy_bonus"
    case logitDecay = "logit_decay"
    case policyRate = "policy_rate"
    case classifierRate = "classifier_rate"
    case warmStartEpochs = "warm_start_epochs"
    case targetPatches = "target_patches"
  }
}

/// How all stages are trained.
public struct TrainingOptions: Sendable, Equatable, Codable {
  /// Where all randomness starts.
  public var seed: UInt64 = 1
  /// The HR classifier.
  public var hr = ClassifierOptions(
    epochs: 24, batchSize: 64, learningRate: 0.05, labelSmoothing: 0.05)
  /// The LR classifier.
  public var lr = ClassifierOptions(epochs: 24, batchSize: 64, learningRate: 0.05)
  /// The HR classifier on random masks.
  public var warm = WarmingOptions(
    epochs: 5, batchSize: 64, learningRate: 5e-4, wholeShare: 0.25)
  /// How the LR and the HR classifier answer together.
  public var fusion = Fusion.sum
  /// Pt.
  public var pt = PolicyOptions(
    epochs: 6, batchSize: 64, drawsPerChip: 4, baseline: .leaveOneOut,
    reward: .dense(price: 0.12), exploration: ExplorationSchedule(start: 0.8, end: 0.95),
    policyRate: 2e-3, warmStartEpochs: 4, targetPatches: 5.5)
  /// Ft-2.
  public var ft2 = PolicyOptions(
    epochs: 4, batchSize: 64, drawsPerChip: 2, baseline: .leaveOneOut,
    reward: .dense(price: 0.12), exploration: ExplorationSchedule(start: 0.9, end: 0.95),
    policyRate: 3e-4, classifierRate: 5e-5, targetPatches: 5.5)

  /// The options of the shipped bundles.
  public init() {}
}
