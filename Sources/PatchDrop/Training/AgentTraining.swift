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

  /// Prepares a training.
  ///
  /// - Parameters:
  ///   - checkpoints: the folder for finished stages and epochs; it is created.
  ///   - threadCount: the threads of one pass; weights do not depend on it.
  public init(
    chips: LabelledChips, design: AgentDesign, options: TrainingOptions, checkpoints folder: URL,
    log: TrainingLog, threadCount: Int = ProcessInfo.processInfo.activeProcessorCount
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
    normalisation = Normalisation(
      images: chips.indices(of: .train).map { chips.highSamples($0) }, bandCount: chips.bandCount)
    data = TrainingChips(chips, grid: design.patchGrid, normalisation: normalisation)
    checkpoints = Checkpoints(
      folder: folder,
      fingerprints: try Self.fingerprints(chips: chips, design: design, options: options),
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
  package func run(_ stage: TrainingStage, after tensors: [String: Tensor]) throws -> [String:
    Tensor]
  {
    switch stage {
    case .hr:
      return try classifier(.hr, design.hrClassifier, options.hr).state().named("hr.")
    case .lr:
      return try classifier(.lr, design.lrClassifier, options.lr).state().named("lr.")
    case .warm:
      let warmed = try loop(.warm).run(
        WarmingStage(
          data: data, options: options.warm, fusion: options.fusion,
          network: try network(design.hrClassifier, tensors.part("hr.")),
          lowNetwork: try network(design.lrClassifier, tensors.part("lr."))))
      return warmed.network.state().named("pt.hr.")
    case .pt:
      let warmStart = PolicyWarmStart(
        data: data, options: options.pt, fusion: options.fusion, seed: options.seed, log: log)
      let trained = try loop(.pt).run(
        policyStage(.pt, options.pt, from: try untrainedAgent(tensors))
      ) { $0.agent.policy = warmStart.run($0.agent) }
      return trained.agent.policy.state().named("pt.policy.")
    case .ft2:
      let agent = try loop(.ft2).run(
        policyStage(.ft2, options.ft2, from: try trainedAgent(tensors, variant: .pt))
      ).agent
      return agent.policy.state().named("ft2.policy.").merging(
        agent.hrClassifier.state().named("ft2.hr.")
      ) { $1 }
    }
  }

  private func classifier(
    _ stage: TrainingStage, _ description: NetworkDescription, _ options: ClassifierOptions
  ) throws -> Network {
    var generator = SeededGenerator(seed: self.options.seed, stage: stage, epoch: 1_000_000)
    let network = try Network(description, threadCount: threadCount, using: &generator)
    let trained = try loop(stage).run(
      ClassifierStage(stage: stage, data: data, options: options, network: network))
    let val = data.chips.indices(of: .val)
    if !val.isEmpty {
      log.say("\(stage.rawValue): val \(TrainingLog.percent(trained.accuracy(on: val)))")
    }
    return trained.network
  }

  private func policyStage(
    _ stage: TrainingStage, _ options: PolicyOptions, from agent: AgentInTraining
  ) -> PolicyStage {
    PolicyStage(
      stage: stage, data: data, options: options, fusion: self.options.fusion, agent: agent)
  }

  private func loop(_ stage: TrainingStage) -> EpochLoop {
    EpochLoop(
      stage: stage, data: data, seed: options.seed, log: log, checkpoints: checkpoints)
  }

  private func network(
    _ description: NetworkDescription, _ state: [String: Tensor]
  ) throws -> Network {
    try Network(description, state: state, threadCount: threadCount)
  }

  /// An agent whose policy knows what the LR classifier knows, and no masks yet.
  private func untrainedAgent(_ tensors: [String: Tensor]) throws -> AgentInTraining {
    var generator = SeededGenerator(seed: options.seed, stage: .pt, epoch: 1_000_000)
    let lrClassifier = try network(design.lrClassifier, tensors.part("lr."))
    // Small first weights: all keep probabilities start near, but not at, one half.
    let head = try Network(
      design.policyHead, headScale: 0.1, threadCount: threadCount, using: &generator)
    return AgentInTraining(
      policy: PolicyNetwork(trunk: lrClassifier, head: head),
      hrClassifier: try network(design.hrClassifier, tensors.part("pt.hr.")),
      lrClassifier: lrClassifier)
  }

  /// The agent of a finished variant.
  func trainedAgent(
    _ tensors: [String: Tensor], variant: AgentVariant
  ) throws -> AgentInTraining {
    let prefix = variant.rawValue + "."
    return AgentInTraining(
      policy: PolicyNetwork(
        trunk: try network(design.lrClassifier, tensors.part(prefix + "policy.trunk.")),
        head: try network(design.policyHead, tensors.part(prefix + "policy.head."))),
      hrClassifier: try network(design.hrClassifier, tensors.part(prefix + "hr.")),
      lrClassifier: try network(design.lrClassifier, tensors.part("lr.")))
  }

  /// What each stage's weights depend on, as a digest.
  private static func fingerprints(
    chips: LabelledChips, design: AgentDesign, options: TrainingOptions
  ) throws -> [TrainingStage: String] {
    func text(_ value: some Encodable) throws -> String {
      String(decoding: try JSON.encoder().encode(value), as: UTF8.self)
    }
    let labels = zip(chips.paths, zip(chips.labels, chips.splits))
      .map { "\($0)\t\($1.0)\t\($1.1.rawValue)" }.joined(separator: "\n")
    let data = Digest.sha256(chips.high) + Digest.sha256(Data(labels.utf8))
    var fingerprints: [TrainingStage: String] = [:]
    for stage in TrainingStage.allCases {
      var parts = ["seed \(options.seed)", "zoom \(design.zoom)", data]
      if stage != .lr { parts += [try text(design.hrClassifier), try text(options.hr)] }
      if stage != .hr { parts += [try text(design.lrClassifier), try text(options.lr)] }
      if ![.hr, .lr].contains(stage) {
        parts += [try text(design.patchGrid), try text(options.warm), try text(options.fusion)]
      }
      if [.pt, .ft2].contains(stage) {
        parts += [try text(design.policyHead), try text(options.pt)]
      }
      if stage == .ft2 { parts.append(try text(options.ft2)) }
      fingerprints[stage] = Digest.sha256(Data(parts.joined(separator: "\n").utf8))
    }
    return fingerprints
  }
}
