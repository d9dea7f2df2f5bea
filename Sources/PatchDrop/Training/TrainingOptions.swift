// SPDX-License-Identifier: Apache-2.0

/// Learning from another network's answers too (Hinton and others, 2015).
public struct DistillationOptions: Sendable, Equatable, Codable {
  /// The share of the teacher in the loss; the rest is the labels'.
  public var share: Double
  /// By how much both sides' logits are divided.
  public var temperature: Double

  /// Creates options.
  public init(share: Double, temperature: Double) {
    self.share = share
    self.temperature = temperature
  }
}

/// How a classifier is trained on whole images.
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
  /// How images are changed.
  public var augmentation: Augmentation
  /// What the LR classifier learns from the HR classifier; nil where it has labels alone.
  ///
  /// The HR classifier has no teacher.
  public var distillation: DistillationOptions?

  /// Creates options.
  public init(
    epochs: Int, batchSize: Int = 64, learningRate: Double = 0.05, momentum: Double = 0.9,
    weightDecay: Double = 5e-4, labelSmoothing: Double = 0,
    augmentation: Augmentation = Augmentation(), distillation: DistillationOptions? = nil
  ) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.learningRate = learningRate
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.labelSmoothing = labelSmoothing
    self.augmentation = augmentation
    self.distillation = distillation
  }

  private enum CodingKeys: String, CodingKey {
    case epochs
    case batchSize = "batch_size"
    case learningRate = "learning_rate"
    case momentum
    case weightDecay = "weight_decay"
    case labelSmoothing = "label_smoothing"
    case augmentation
    case distillation
  }
}

/// How the HR classifier is trained on masks that no policy chose: random ones to warm it, or a
/// comparison system's.
public struct MaskedOptions: Sendable, Equatable, Codable {
  /// Passes over the training images.
  public var epochs: Int
  /// Images of one step.
  public var batchSize: Int
  /// Adam's first learning rate; it falls to 0 along a cosine.
  public var learningRate: Double
  /// The share of images that stay whole; of random masks alone.
  public var wholeShare: Double
  /// How images are changed.
  public var augmentation: Augmentation
  /// What is learned from the HR classifier's answers to whole images; nil for nothing.
  public var distillation: DistillationOptions?

  /// Creates options.
  public init(
    epochs: Int, batchSize: Int = 64, learningRate: Double = 5e-4, wholeShare: Double = 0.25,
    augmentation: Augmentation = Augmentation(), distillation: DistillationOptions? = nil
  ) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.learningRate = learningRate
    self.wholeShare = wholeShare
    self.augmentation = augmentation
    self.distillation = distillation
  }

  private enum CodingKeys: String, CodingKey {
    case epochs
    case batchSize = "batch_size"
    case learningRate = "learning_rate"
    case wholeShare = "whole_share"
    case augmentation
    case distillation
  }
}

/// How all stages are trained.
///
/// The defaults are the paper's recipe; whatever departs from it is a remedy, which a bundle names.
public struct TrainingOptions: Sendable, Equatable, Codable {
  /// Where all randomness starts.
  public var seed: UInt64 = 1
  /// The HR classifier.
  public var hr = ClassifierOptions(epochs: 30)
  /// The LR classifier.
  public var lr = ClassifierOptions(epochs: 30)
  /// How many LR classifiers answer for training images that they have not seen; 0 for none.
  public var lrFolds = 0
  /// The HR classifier on random masks: a remedy.
  public var warm = MaskedOptions(epochs: 0)
  /// How the LR and the HR classifier answer together in Ft-2.
  public var fusion = Fusion.sum
  /// Pt.
  public var pt = PolicyOptions(
    epochs: 30, batchSize: 1024, reward: .paper(penalty: 0.5), policyRate: 1e-4)
  /// Ft-1.
  public var ft1 = PolicyOptions(
    epochs: 12, batchSize: 128, reward: .paper(penalty: 10), policyRate: 1e-4,
    classifierRate: 1e-4)
  /// Ft-2.
  public var ft2 = PolicyOptions(
    epochs: 12, batchSize: 128, reward: .paper(penalty: 10), policyRate: 1e-4,
    classifierRate: 1e-4)
  /// The comparison systems' HR classifiers.
  public var comparisons = MaskedOptions(epochs: 4, learningRate: 1e-4, wholeShare: 0)

  /// The paper's recipe.
  public init() {}

  private enum CodingKeys: String, CodingKey {
    case seed
    case hr
    case lr
    case lrFolds = "lr_folds"
    case warm
    case fusion
    case pt
    case ft1
    case ft2
    case comparisons
  }
}

extension TrainingOptions {
  /// What departs from the paper's recipe, in words, for the bundle and its readers.
  public var remedies: [String] {
    var words: [String] = []
    if warm.epochs > 0 { words.append("the HR classifier warmed on random masks") }
    if warm.epochs > 0, warm.distillation != nil || ft1.distillation != nil {
      words.append("the masked HR classifier taught by the whole images' answers")
    }
    if lr.distillation != nil { words.append("the LR classifier taught by the HR classifier") }
    if lrFolds > 0 {
      words.append("LR answers to training images by networks that had not seen them")
    }
    let policies = [pt, ft1, ft2]
    if pt.warmStartEpochs > 0 { words.append("a supervised warm start of the policy") }
    if policies.contains(where: { $0.baseline == .leaveOneOut }) {
      words.append("a leave-one-out baseline")
    }
    if policies.contains(where: { $0.drawsPerChip > 1 }) { words.append("several masks a chip") }
    if policies.contains(where: { $0.entropyBonus > 0 }) { words.append("an entropy bonus") }
    if policies.contains(where: { !$0.reward.isPapers }) {
      words.append("a reward linear in the number of patches")
    }
    if policies.contains(where: { $0.logitDecay > 0 }) {
      words.append("a pull of the policy's logits towards 0")
    }
    if policies.contains(where: { $0.targetPatches != nil }) {
      words.append("a keep threshold for a wanted S")
    }
    if [ft1, ft2].contains(where: { $0.softening != nil }) {
      words.append("a policy made less sure before fine-tuning")
    }
    if [ft1, ft2].contains(where: \.keepsStatistics) {
      words.append("batch statistics kept while fine-tuning")
    }
    if [ft1, ft2].contains(where: { $0.replayShare > 0 }) {
      words.append("random masks among the policy's while fine-tuning")
    }
    return words
  }
}

extension RewardRule {
  fileprivate var isPapers: Bool {
    if case .paper = self { true } else { false }
  }
}

extension TrainingOptions {
  /// What does not make sense, or nil.
  var problem: String? {
    for (name, stage) in [("hr", hr), ("lr", lr)] {
      if let problem = Self.problem(epochs: stage.epochs, atLeast: 1, batch: stage.batchSize) {
        return "\(name).\(problem)"
      }
    }
    if !(lrFolds == 0 || (2...100).contains(lrFolds)) {
      return "lr_folds is \(lrFolds), neither 0 nor from 2 to 100"
    }
    for (name, stage) in [("warm", warm), ("comparisons", comparisons)] {
      if let problem = Self.problem(epochs: stage.epochs, atLeast: 0, batch: stage.batchSize) {
        return "\(name).\(problem)"
      }
    }
    for (name, stage) in [("pt", pt), ("ft1", ft1), ("ft2", ft2)] {
      if let problem = Self.problem(epochs: stage.epochs, atLeast: 1, batch: stage.batchSize) {
        return "\(name).\(problem)"
      }
      if stage.baseline == .leaveOneOut, stage.drawsPerChip < 2 {
        return "\(name).draws_per_chip is \(stage.drawsPerChip): leaving one out needs 2"
      }
      if let softening = stage.softening, !(softening > 0 && softening.isFinite) {
        return "\(name).softening is \(softening), not above 0"
      }
      if stage.drawsPerChip < 1 {
        return "\(name).draws_per_chip is \(stage.drawsPerChip), not 1 or more"
      }
      for alpha in [stage.exploration.start, stage.exploration.end]
      where !(alpha > 0.5 && alpha <= 1) {
        return "\(name).exploration has alpha \(alpha), which is not above 0.5 and at most 1"
      }
    }
    if pt.classifierRate != 0 || pt.keepsStatistics || pt.replayShare != 0 {
      return "pt trains no classifier: classifier_rate, keeps_statistics and replay_share are of Ft"
    }
    for (name, stage) in [("ft1", ft1), ("ft2", ft2)] where stage.warmStartEpochs != 0 {
      return "\(name).warm_start_epochs is \(stage.warmStartEpochs): only pt has a warm start"
    }
    return nil
  }

  private static func problem(epochs: Int, atLeast least: Int, batch: Int) -> String? {
    if !(least...1_000_000).contains(epochs) { return "epochs is \(epochs), not \(least) or more" }
    if !(1...65_536).contains(batch) { return "batch_size is \(batch), not from 1 to 65536" }
    return nil
  }
}
