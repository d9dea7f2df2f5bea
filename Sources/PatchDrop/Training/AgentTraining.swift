// SPDX-License-Identifier: Apache-2.0

public import Foundation
package import Neural
import Platform

/// The whole training of an agent, stage by stage.
///
/// A training that was stopped goes on where it was: finished stages are taken from their
/// checkpoints, the one that was under way goes on after the last epoch that it finished, and the
/// weights are the same, to the bit, as if nothing had happened.
///
/// ```swift
/// let training = AgentTraining(
///   chips: chips, design: design, options: TrainingOptions(), checkpoints: folder, log: log)
/// let weights = try training.run(through: .ft2)
/// ```
///
/// Blocks for minutes to hours: run it on a plain thread.
public struct AgentTraining {
  let design: AgentDesign
  let options: TrainingOptions
  let normalisation: Normalisation
  let data: TrainingChips
  let checkpoints: Checkpoints
  let log: TrainingLog
  let threadCount: Int
  let start: StartingWeights?

  /// Prepares a training.
  ///
  /// - Parameters:
  ///   - start: a file with `hr.*` tensors that the HR classifier starts from where names and
  ///     shapes are its own, such as another training's `hr.safetensors`; nil for random weights.
  ///   - checkpoints: the folder for finished stages and epochs; it is created.
  ///   - threadCount: the threads of one pass; weights do not depend on it.
  public init(
    chips: LabelledChips, design: AgentDesign, options: TrainingOptions, start: URL? = nil,
    checkpoints folder: URL, log: TrainingLog,
    threadCount: Int = ProcessInfo.processInfo.activeProcessorCount
  ) throws {
    guard chips.side == design.chipPixels, chips.zoom == design.zoom else {
      throw ModelError.unlikeModel(
        what: "image side", expected: "\(design.chipPixels) px", found: "\(chips.side) px")
    }
    guard chips.bandCount == design.bands.count else {
      throw ModelError.unlikeModel(
        what: "number of bands", expected: "\(design.bands.count)", found: "\(chips.bandCount)")
    }
    if let problem = design.problem(classCount: chips.classes.count) {
      throw ModelError.invalidDesign(reason: problem)
    }
    guard !chips.indices(of: .train).isEmpty else {
      throw ModelError.empty(path: "the data set", splits: ["train"])
    }
    self.design = design
    self.options = options
    self.log = log
    self.threadCount = threadCount
    self.start = try start.map { try StartingWeights(contentsOf: $0) }
    normalisation = Normalisation(
      images: chips.indices(of: .train).map { chips.highSamples($0) }, bandCount: chips.bandCount)
    data = TrainingChips(chips, grid: design.patchGrid, normalisation: normalisation)
    checkpoints = Checkpoints(
      folder: folder,
      fingerprints: try Self.fingerprints(
        chips: chips, design: design, options: options, start: self.start),
      log: log)
  }

  /// Runs the stages up to one, where they are not finished yet.
  public func finishStages(through last: TrainingStage) throws { _ = try run(through: last) }

  /// Runs the stages up to one, or takes them from their checkpoints, and returns all tensors
  /// under the names of a bundle.
  package func run(through last: TrainingStage) throws -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for stage in TrainingStage.allCases {
      if let kept = try checkpoints.load(stage) {
        log.say("\(stage.rawValue): taken from \(checkpoints.folder.path)")
        tensors.merge(kept) { $1 }
      } else {
        let made = try run(stage, after: tensors)
        try checkpoints.save(made, of: stage)
        tensors.merge(made) { $1 }
      }
      try checkpoints.removeProgress(of: stage)
      if stage == last { break }
    }
    return tensors
  }

  /// Trains one stage alone, given what the earlier ones made.
  package func run(
    _ stage: TrainingStage, after tensors: [String: Tensor]
  ) throws -> [String: Tensor] {
    switch stage {
    case .hr:
      return try classifier(.hr, design.hrClassifier, options.hr, teacher: nil).state()
        .named("hr.")
    case .lr:
      let teacher = try teacher(options.lr.distillation, tensors)
      return try classifier(.lr, design.lrClassifier, options.lr, teacher: teacher).state()
        .named("lr.")
    case .lrFolds:
      var generator = SeededGenerator(seed: options.seed, stage: .lrFolds, epoch: 1_000_000)
      let networks = try (0..<options.lrFolds).map { _ in
        try Network(design.lrClassifier, threadCount: threadCount, using: &generator)
      }
      let trained = try loop(.lrFolds).run(
        FoldsStage(
          data: data, options: options.lr, networks: networks,
          teacher: try teacher(options.lr.distillation, tensors)))
      return trained.stages.enumerated().reduce(into: [:]) { found, fold in
        found.merge(fold.element.network.state().named("lr_folds.\(fold.offset).")) { $1 }
      }
    case .warm:
      return try masked(
        .warm, masks: .random, options: options.warm, fusion: .none, from: "hr.", tensors
      ).network.state().named("pt.hr.")
    case .pt:
      let warmStart = PolicyWarmStart(
        data: data, options: options.pt, fusion: fusion(of: .pt), seed: options.seed, log: log)
      let agent = try loop(.pt).run(
        try policyStage(.pt, .pt, options.pt, from: try untrainedAgent(tensors), tensors)
      ) { $0.agent.policy = try warmStart.run($0.agent) }.agent
      return agent.policy.network.state().named("pt.policy.")
    case .ft1: return try fineTuned(.ft1, options.ft1, from: .pt, tensors)
    case .ft2: return try fineTuned(.ft2, options.ft2, from: .ft1, tensors)
    case .fixedHFt1, .fixedHFt2, .fixedVFt1, .fixedVFt2, .stochasticFt1, .stochasticFt2:
      return try compared(stage, tensors).network.state().named("\(stage.rawValue).hr.")
    }
  }

  /// How both classifiers answer together in a setting: in the paper's Pt and Ft-1 the LR
  /// classifier does not.
  func fusion(of variant: AgentVariant) -> Fusion { variant == .ft2 ? options.fusion : .none }

  private func fineTuned(
    _ variant: AgentVariant, _ options: PolicyOptions, from earlier: AgentVariant,
    _ tensors: [String: Tensor]
  ) throws -> [String: Tensor] {
    let stage: TrainingStage = variant == .ft1 ? .ft1 : .ft2
    let agent = try loop(stage).run(
      try policyStage(
        stage, variant, options, from: try trainedAgent(tensors, variant: earlier), tensors)
    ) { stage in
      if let softening = options.softening {
        try stage.agent.policy.sharpen(by: Float(1 / softening))
      }
    }.agent
    return agent.policy.network.state().named(variant.rawValue + ".policy.").merging(
      agent.hrClassifier.state().named(variant.rawValue + ".hr.")
    ) { $1 }
  }

  private func classifier(
    _ stage: TrainingStage, _ description: NetworkDescription, _ options: ClassifierOptions,
    teacher: Teacher?
  ) throws -> Network {
    var generator = SeededGenerator(seed: self.options.seed, stage: stage, epoch: 1_000_000)
    var network = try Network(description, threadCount: threadCount, using: &generator)
    if stage == .hr, let start { try start.load(into: &network, prefix: "hr.", log: log) }
    let trained = try loop(stage).run(
      ClassifierStage(
        stage: stage, data: data, options: options, network: network, teacher: teacher))
    let val = data.chips.indices(of: .val)
    if !val.isEmpty {
      log.say("\(stage.rawValue): val \(TrainingLog.percent(trained.accuracy(on: val)))")
    }
    return trained.network
  }

  private func masked(
    _ stage: TrainingStage, masks: MaskedStage.Masks, options: MaskedOptions, fusion: Fusion,
    from prefix: String, _ tensors: [String: Tensor]
  ) throws -> MaskedStage {
    try loop(stage).run(
      MaskedStage(
        stage: stage, data: data, masks: masks, options: options, fusion: fusion,
        teacher: try teacher(options.distillation, tensors),
        network: try network(design.hrClassifier, tensors.part(prefix)),
        low: try lowAnswers(tensors)))
  }

  /// Fine-tunes for a comparison system; in Ft-2 from its own Ft-1, as PatchDrop does.
  private func compared(
    _ stage: TrainingStage, _ tensors: [String: Tensor]
  ) throws -> MaskedStage {
    guard let (system, setting) = stage.comparison else {
      preconditionFailure("\(stage) is no comparison's stage.")
    }
    return try masked(
      stage, masks: .system(system, patches: try tunePatches(setting, tensors)),
      options: options.comparisons, fusion: fusion(of: setting),
      from: setting == .ft1 ? "pt.hr." : "\(system.rawValue).ft1.hr.", tensors)
  }

  private func policyStage(
    _ stage: TrainingStage, _ variant: AgentVariant, _ options: PolicyOptions,
    from agent: AgentInTraining, _ tensors: [String: Tensor]
  ) throws -> PolicyStage {
    PolicyStage(
      stage: stage, data: data, options: options, fusion: fusion(of: variant),
      teacher: try teacher(options.distillation, tensors), agent: agent)
  }

  /// The LR classifier's answers, or those of its folds.
  func lowAnswers(_ tensors: [String: Tensor]) throws -> LowAnswers {
    LowAnswers(
      try network(design.lrClassifier, tensors.part("lr.")),
      folds: try (0..<options.lrFolds).map {
        try network(design.lrClassifier, tensors.part("lr_folds.\($0)."))
      }, data: data)
  }

  /// The HR classifier as a teacher.
  private func teacher(
    _ options: DistillationOptions?, _ tensors: [String: Tensor]
  ) throws -> Teacher? {
    guard options != nil else { return nil }
    return Teacher(
      options, network: try network(design.hrClassifier, tensors.part("hr.")), data: data)
  }

  private func loop(_ stage: TrainingStage) -> EpochLoop {
    EpochLoop(
      stage: stage, data: data, seed: options.seed, log: log, checkpoints: checkpoints)
  }

  func network(
    _ description: NetworkDescription, _ state: [String: Tensor]
  ) throws -> Network {
    try Network(description, state: state, threadCount: threadCount)
  }

  /// An agent whose policy knows what the LR classifier knows, and no masks yet.
  private func untrainedAgent(_ tensors: [String: Tensor]) throws -> AgentInTraining {
    var generator = SeededGenerator(seed: options.seed, stage: .pt, epoch: 1_000_000)
    // Small first weights: all keep probabilities start near, but not at, one half.
    let policy = PolicyNetwork(
      try Network(
        design.policy.network, headScale: 0.1, threadCount: threadCount, using: &generator))
    return AgentInTraining(
      policy: policy, hrClassifier: try network(design.hrClassifier, tensors.part("pt.hr.")),
      low: try lowAnswers(tensors))
  }

  /// The agent of a finished variant.
  func trainedAgent(
    _ tensors: [String: Tensor], variant: AgentVariant
  ) throws -> AgentInTraining {
    let prefix = variant.rawValue + "."
    let policy = PolicyNetwork(
      try network(design.policy.network, tensors.part(prefix + "policy.")))
    return AgentInTraining(
      policy: policy, hrClassifier: try network(design.hrClassifier, tensors.part(prefix + "hr.")),
      low: try lowAnswers(tensors))
  }

  /// What each stage's weights depend on, as a digest.
  private static func fingerprints(
    chips: LabelledChips, design: AgentDesign, options: TrainingOptions, start: StartingWeights?
  ) throws -> [TrainingStage: String] {
    func text(_ value: some Encodable) throws -> String {
      String(decoding: try JSON.encoder().encode(value), as: UTF8.self)
    }
    let labels = zip(chips.paths, zip(chips.labels, chips.splits))
      .map { "\($0)\t\($1.0)\t\($1.1.rawValue)" }.joined(separator: "\n")
    var common = [
      "seed \(options.seed)", "zoom \(design.zoom)", try text(design.patchGrid),
      chips.withHighSamples { Digest.sha256($0) }, chips.withLowSamples { Digest.sha256($0) },
      Digest.sha256(Data(labels.utf8)),
    ]
    common.append(try text(design.hrClassifier))
    if let start { common.append(start.digest) }
    var fingerprints: [TrainingStage: String] = [:]
    for stage in TrainingStage.allCases {
      let own: [String] =
        switch stage {
        case .hr: [try text(options.hr)]
        case .lr: [try text(options.lr), try text(design.lrClassifier)]
        case .lrFolds: ["\(options.lrFolds) folds"]
        case .warm: [try text(options.warm)]
        case .pt: [try text(options.pt), try text(design.policy)]
        case .ft1: [try text(options.ft1)]
        case .ft2: [try text(options.ft2), try text(options.fusion)]
        default: [try text(options.comparisons)]
        }
      let needed = stage.needs.map { fingerprints[$0] ?? "" }
      fingerprints[stage] = Digest.sha256(
        Data((common + own + needed).joined(separator: "\n").utf8))
    }
    return fingerprints
  }
}
