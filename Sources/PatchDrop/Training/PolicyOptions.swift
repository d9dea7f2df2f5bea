// SPDX-License-Identifier: Apache-2.0

/// How a policy is trained, with or without the HR classifier.
///
/// The defaults are the paper's: one mask a chip, compared with the greedy one.
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
  /// Whether the HR classifier keeps its running statistics while it is fine-tuned; else batches
  /// are normalised by their own.
  public var keepsStatistics: Bool
  /// The share of chips that are shown to the HR classifier once more, half of them whole, the
  /// others under random masks, so that it stays good at masks that the policy has left behind.
  public var replayShare: Double
  /// Passes over the training images that fit the policy to the worth of whole chips first.
  public var warmStartEpochs: Int
  /// What the policy's logits are divided by first, so that a sure one learns again which patches
  /// are worth their price; nil for nothing.
  public var softening: Double?
  /// The mean number of patches a chip that the keep threshold is chosen for, on `tune`; nil for
  /// the paper's threshold, one half.
  public var targetPatches: Double?
  /// How images are changed.
  public var augmentation: Augmentation
  /// What the HR classifier learns from its first self's answers to whole images; nil for nothing.
  public var distillation: DistillationOptions?

  /// Creates options.
  public init(
    epochs: Int, batchSize: Int, drawsPerChip: Int = 1, baseline: Baseline = .selfCritical,
    reward: RewardRule, exploration: ExplorationSchedule = .standard, entropyBonus: Double = 0,
    logitDecay: Double = 0, policyRate: Double, classifierRate: Double = 0,
    keepsStatistics: Bool = false, replayShare: Double = 0, warmStartEpochs: Int = 0,
    softening: Double? = nil, targetPatches: Double? = nil,
    augmentation: Augmentation = Augmentation(),
    distillation: DistillationOptions? = nil
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
    self.keepsStatistics = keepsStatistics
    self.replayShare = replayShare
    self.warmStartEpochs = warmStartEpochs
    self.softening = softening
    self.targetPatches = targetPatches
    self.augmentation = augmentation
    self.distillation = distillation
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
    case keepsStatistics = "keeps_statistics"
    case replayShare = "replay_share"
    case warmStartEpochs = "warm_start_epochs"
    case softening
    case targetPatches = "target_patches"
    case augmentation
    case distillation
  }
}
