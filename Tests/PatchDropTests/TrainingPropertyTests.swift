// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Neural
import PatchDrop
import Platform
import TestSupport
import Testing

/// What a training may touch, and what may reach an answer.
@Suite struct TrainingPropertyTests {
  private static let chips = StripedChips.make(count: 96)

  /// One step of Ft-1 on all images at once, after the same short earlier stages.
  private func fineTuned(
    policyRate: Double, classifierRate: Double, keepsStatistics: Bool = true
  ) throws -> (before: [String: Tensor], after: [String: Tensor]) {
    let folder = try TemporaryFolder()
    var options = StripedChips.shortOptions
    options.ft1.batchSize = 1024
    options.ft1.policyRate = policyRate
    options.ft1.classifierRate = classifierRate
    options.ft1.keepsStatistics = keepsStatistics
    let training = try StripedChips.training(Self.chips, in: folder.url, options: options)
    let before = try training.run(through: .pt)
    return (before, try training.run(.ft1, after: before))
  }

  @Test func `the cross-entropy does not reach the policy, nor the advantage the classifier`()
    throws
  {
    func part(_ tensors: [String: Tensor], _ prefix: String) -> [String: Tensor] {
      tensors.filter { $0.key.hasPrefix(prefix) }
    }
    let plain = try fineTuned(policyRate: 1e-2, classifierRate: 1e-4).after
    let fast = try fineTuned(policyRate: 1e-2, classifierRate: 1e-1).after
    #expect(part(plain, "ft1.policy.") == part(fast, "ft1.policy."))
    #expect(part(plain, "ft1.hr.") != part(fast, "ft1.hr."))
    let still = try fineTuned(policyRate: 0, classifierRate: 1e-4).after
    #expect(part(plain, "ft1.hr.") == part(still, "ft1.hr."))
    #expect(part(plain, "ft1.policy.") != part(still, "ft1.policy."))
  }

  @Test func `fine-tuning in the paper's way moves the statistics, of its own network alone`()
    throws
  {
    let (before, after) = try fineTuned(
      policyRate: 1e-2, classifierRate: 1e-4, keepsStatistics: false)
    #expect(after["ft1.hr.bn1.running_mean"] != before["pt.hr.bn1.running_mean"])
    #expect(after.keys.allSatisfy { $0.hasPrefix("ft1.") })
  }

  @Test(arguments: AgentVariant.allCases)
  func `what was not bought cannot reach an answer`(variant: AgentVariant) throws {
    let tiny = try TinyBundle.shared.get()
    let agent = try ModelBundle(tiny.data, path: "tiny").agent(variant)
    var generator = SeededGenerator(seed: 9)
    for index in tiny.chips.indices(of: .val).prefix(8) {
      let samples = Array(tiny.chips.highSamples(index))
      let mask = PatchMask((0..<16).filter { _ in generator.uniform() < 0.4 })
      var other = samples
      for place in other.indices {
        let patch = PatchGrid.paper.patch(row: place / 16 / 4, column: place % 16 / 4)
        if !mask.contains(patch) { other[place] = UInt8(generator.uniform() * 255) }
      }
      let low = agent.looks([tiny.chips.lowSamples(index).map { Float($0) }])[0].lowLogits
      let answers = [samples, other].map {
        agent.answers([.init(samples: $0[...], mask: mask, lowLogits: low)])[0]
      }
      #expect(answers[0] == answers[1])
      // A bought pixel does reach it.
      guard let patch = mask.patches.first else { continue }
      let place = PatchGrid.paper.row(of: patch) * 64 + PatchGrid.paper.column(of: patch) * 4
      other[place] = other[place] < 128 ? 255 : 0
      #expect(
        agent.answers([.init(samples: other[...], mask: mask, lowLogits: low)])[0] != answers[0])
    }
  }

  @Test func `the paper's recipe runs through all stages`() throws {
    let folder = try TemporaryFolder()
    let chips = Self.chips192
    var choice = DesignChoice()
    choice.hrClassifier = .named("resnet8")
    var options = TrainingOptions()
    (options.hr.epochs, options.lr.epochs, options.comparisons.epochs) = (1, 1, 1)
    (options.pt.epochs, options.ft1.epochs, options.ft2.epochs) = (2, 1, 1)
    #expect(options.remedies.isEmpty)
    let design = try choice.design(for: chips, groundSampleDistanceMetres: 10)
    let log = folder.url.appending(path: "log.jsonl")
    let training = try AgentTraining(
      chips: chips, design: design, options: options, checkpoints: folder.url,
      log: TrainingLog(jsonLines: log, showsProgress: false) { _ in }, threadCount: 1)
    let url = folder.url.appending(path: "plain.safetensors")
    let bundle = try training.writeBundle(
      name: "plain", source: ("made up", "none"), command: "test", to: url)

    guard case .plain = bundle.card.design.policy else {
      Issue.record("\(bundle.card.design.policy)")
      return
    }
    #expect(bundle.card.remedies.isEmpty && bundle.variants == AgentVariant.allCases)
    for variant in AgentVariant.allCases {
      let settings = try #require(bundle.card.variants[variant.rawValue])
      #expect(settings.threshold == 0.5)
      #expect(settings.fusion == (variant == .ft2 ? .sum : .none))
    }
    #expect(bundle.networks.map(\.name).contains("ft2.policy"))
    let stages = Set(try StripedChips.lines(in: folder.url).map(\.stage))
    // The two that are remedies are left out.
    #expect(stages == Set(TrainingStage.allCases.filter { $0 != .warm && $0 != .lrFolds }))
    let rows = bundle.card.measured
    for setting in AgentVariant.allCases {
      for system in [
        EvaluationSystem.patchDrop, .fixedH, .fixedV, .stochastic, .lrMargin,
      ] {
        #expect(rows.contains { $0.system == system && $0.stage == setting })
      }
    }
  }

  private static let chips192 = StripedChips.make(count: 192)
}
