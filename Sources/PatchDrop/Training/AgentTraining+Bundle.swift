// SPDX-License-Identifier: Apache-2.0

import Acquisition
public import Foundation
import Neural

extension AgentTraining {
  /// Runs all stages, chooses thresholds, temperatures and gain curves on `tune`, measures on
  /// `val`, and writes the bundle.
  ///
  /// - Parameters:
  ///   - name: the model's name.
  ///   - source: the data's name and attribution.
  ///   - command: what a person typed.
  ///   - url: the bundle; it appears when it is whole.
  public func writeBundle(
    name: String, source: (name: String, attribution: String), command: String, to url: URL
  ) throws -> ModelBundle {
    let last = TrainingStage.allCases[TrainingStage.allCases.endIndex - 1]
    let tensors = try run(through: last)
    // What is chosen on `tune` needs the folds' networks; the bundle does not.
    let kept = tensors.filter { !$0.key.hasPrefix("lr_folds.") }
    var images: [String: Int] = [:]
    for split in DataSplit.allCases {
      images[split.rawValue] = data.chips.indices(of: split).count
    }
    var card = ModelCard(
      format: ModelCard.currentFormat, name: name, classes: data.chips.classes, design: design,
      normalisation: normalisation, maskValue: 0, lrSource: data.chips.lowSource,
      defaultVariant: .ft2, variants: [:], comparisons: [], remedies: remedies,
      training: options, command: command,
      data: .init(name: source.name, images: images, attribution: source.attribution),
      measured: [])
    for variant in AgentVariant.allCases {
      let choice = TuneChoice(
        variant, of: try trainedAgent(tensors, variant: variant), options: options(of: variant),
        fusion: fusion(of: variant), data: data)
      let settings = choice.settings()
      if let collapse = settings.collapse { log.say("\(variant.rawValue): \(collapse.words)") }
      card.variants[variant.rawValue] = settings
    }
    for stage in TrainingStage.allCases {
      guard let (system, setting) = stage.comparison else { continue }
      card.comparisons.append(try comparison(system, setting, of: stage, tensors))
    }
    try ModelBundle.write(kept, card: card, to: url)
    let val = data.chips.indices(of: .val)
    guard !val.isEmpty else { return try ModelBundle.load(from: url) }
    // Measured as it was written, rounded weights and all.
    let evaluation = try Evaluation(
      bundle: try ModelBundle.load(from: url), chips: data.chips, indices: val)
    card.measured = evaluation.rows()
    try ModelBundle.write(kept, card: card, to: url)
    return try ModelBundle.load(from: url)
  }

  /// What the bundle says of a comparison system's classifier.
  private func comparison(
    _ system: ComparisonSystem, _ setting: AgentVariant, of stage: TrainingStage,
    _ tensors: [String: Tensor]
  ) throws -> ModelCard.Comparison {
    let patches = try tunePatches(setting, tensors)
    let tune = SplitView(data: data, split: .tune, low: try lowAnswers(tensors))
    let outcome = tune.outcome(
      masks: MaskedStage.Masks.system(system, patches: patches)
        .forTesting(count: tune.indices.count, of: data.grid),
      network: try network(design.hrClassifier, tensors.part("\(stage.rawValue).hr.")),
      fusion: fusion(of: setting))
    return ModelCard.Comparison(
      system: system, stage: setting, patches: patches, epochs: options.comparisons.epochs,
      temperature: Calibration.temperature(logits: outcome.logits, truth: tune.labels))
  }

  private var remedies: [String] {
    var words = options.remedies
    if case .informed = design.policy {
      words.append("a policy that sees the LR classifier's probabilities")
    }
    if start != nil { words.append("an HR classifier that starts from another data set's") }
    return words
  }

  /// S of a variant on `tune`.
  func tunePatches(_ variant: AgentVariant, _ tensors: [String: Tensor]) throws -> Double {
    TuneChoice(
      variant, of: try trainedAgent(tensors, variant: variant), options: options(of: variant),
      fusion: fusion(of: variant), data: data
    ).patches
  }

  private func options(of variant: AgentVariant) -> PolicyOptions {
    switch variant {
    case .pt: options.pt
    case .ft1: options.ft1
    case .ft2: options.ft2
    }
  }
}
