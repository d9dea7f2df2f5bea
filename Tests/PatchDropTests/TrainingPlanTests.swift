// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Neural
import PatchDrop
import Platform
import TestSupport
import Testing

/// Trainings as people write them down, and where they start from.
@Suite struct TrainingPlanTests {
  @Test func `what a plan does not say is as the paper has it`() throws {
    let plan = try TrainingPlan(tree: ["data": "x.tar"], path: "x.yaml")
    #expect(plan.training == TrainingOptions() && plan.design == DesignChoice())
    #expect(plan.training.remedies.isEmpty)
    #expect(plan.training.pt.reward == .paper(penalty: 0.5))
    #expect(plan.training.ft1.baseline == .selfCritical && plan.training.ft1.drawsPerChip == 1)
    #expect(plan.training.pt.exploration == ExplorationSchedule(start: 0.7, end: 0.95))
  }

  @Test func `what a plan says counts, and remedies are named`() throws {
    let tree: [String: Any] = [
      "data": "x.tar", "zoom": 16, "low_resolution": "nearest",
      "design": ["policy": ["informed": ["hidden": [8]]], "hr_classifier": "resnet20"],
      "training": [
        "lr_folds": 3, "warm": ["epochs": 2, "augmentation": ["upright": true]],
        "ft2": [
          "reward": ["linear": ["price": 0.2]], "softening": 4, "target_patches": 3.5,
          "draws_per_chip": 2, "baseline": "leave_one_out",
        ],
      ],
    ]
    let plan = try TrainingPlan(tree: tree, path: "x.yaml")
    #expect(plan.zoom == 16 && plan.lowResolution == .nearest)
    #expect(plan.training.warm.augmentation == Augmentation(upright: true))
    #expect(plan.training.ft2.reward == .linear(price: 0.2))
    #expect(plan.training.ft2.targetPatches == 3.5 && plan.training.ft2.epochs == 12)
    #expect(
      plan.training.remedies == [
        "the HR classifier warmed on random masks",
        "LR answers to training images by networks that had not seen them",
        "a leave-one-out baseline",
        "several masks a chip", "a reward linear in the number of patches",
        "a keep threshold for a wanted S", "a policy made less sure before fine-tuning",
      ])
    let design = try plan.design.design(
      for: StripedChips.make(count: 32), groundSampleDistanceMetres: 1)
    #expect(design.hrClassifier == .residual(.small(layers: 20, inputs: 1, outputs: 2)))
    #expect(design.policy.network.inputs == 2 + 1 + 16)
  }

  @Test func `a senseless plan is refused with the key`() throws {
    let plans: [([String: Any], String)] = [
      (["data": "x", "traning": 1], "the key traning is not known"),
      (["zoom": 8], "the key data"),
      (["data": "x", "zoom": 0], "zoom is 0"),
      (["data": "x", "zoom": "eight"], "zoom"),
      (["data": "x", "training": ["hr": ["epoch": 3]]], "training.hr.epoch"),
      (["data": "x", "training": ["hr": 3]], "training.hr is no mapping"),
      (["data": "x", "training": ["pt": ["epochs": 0]]], "training.pt.epochs is 0"),
      (["data": "x", "training": ["pt": ["baseline": "leave_one_out"]]], "draws_per_chip"),
      (
        ["data": "x", "training": ["pt": ["exploration": ["start": 0.5, "end": 0.9]]]], "alpha 0.5"
      ),
      (["data": "x", "training": ["pt": ["replay_share": 0.5]]], "pt trains no classifier"),
      (["data": "x", "training": ["ft1": ["warm_start_epochs": 2]]], "only pt has a warm start"),
      (["data": "x", "training": ["lr_folds": 1]], "lr_folds is 1"),
    ]
    for (tree, words) in plans {
      let error = #expect(throws: ModelError.self) {
        try TrainingPlan(tree: tree, path: "mine.yaml")
      }
      let text = error.map { "\($0)" } ?? ""
      #expect(text.hasPrefix("mine.yaml") && text.contains(words), "\(text)")
    }
  }

  @Test func `an HR classifier can start from another training's weights`() throws {
    let folder = try TemporaryFolder()
    let chips = StripedChips.make(count: 96)
    var options = StripedChips.shortOptions
    let first = try StripedChips.training(
      chips, in: folder.url.appending(path: "first"), options: options
    ).run(through: .hr)
    // So slow that nothing moves.
    options.hr.learningRate = 1e-30
    options.seed = 7
    let start = folder.url.appending(path: "first/hr.safetensors")
    var said = ""
    let log = try TrainingLog(jsonLines: nil, showsProgress: false) { said += $0 }
    let second = try AgentTraining(
      chips: chips, design: StripedChips.design, options: options, start: start,
      checkpoints: folder.url.appending(path: "second"), log: log
    ).run(through: .hr)
    #expect(second["hr.fc.weight"] == first["hr.fc.weight"])
    #expect(said.contains("tensors from hr.safetensors"))

    try SafeTensors(["other.weight": Tensor(shape: [1])]).encoded()
      .write(to: folder.url.appending(path: "other.safetensors"))
    let error = #expect(throws: ModelError.self) {
      try AgentTraining(
        chips: chips, design: StripedChips.design, options: options,
        start: folder.url.appending(path: "other.safetensors"),
        checkpoints: folder.url.appending(path: "third"), log: log
      ).run(through: .hr)
    }
    #expect("\(try #require(error))".contains("other.safetensors"))
  }

  @Test func `systems that see no chip buy what they were given`() throws {
    for patches in [0.0, 1.3, 4.75, 11, 16] {
      let probabilities = ComparisonSystem.stochasticProbabilities(patches: patches, of: .paper)
      #expect(abs(probabilities.reduce(0, +) - patches) < 1e-6)
      #expect(probabilities.allSatisfy { (0...1).contains($0) })
      #expect(probabilities[5] >= probabilities[1] && probabilities[1] >= probabilities[0])
      for system in ComparisonSystem.allCases {
        var generator = SeededGenerator(seed: 2)
        let bought = (0..<4000).reduce(0) { sum, _ in
          sum + system.mask(patches: patches, of: .paper, using: &generator).count
        }
        #expect(abs(Double(bought) / 4000 - patches) < 0.12, "\(system) \(patches)")
      }
    }
  }

  @Test func `policies that collapse are called so`() {
    let some = PatchMask([1, 2])
    func collapse(_ masks: [PatchMask]) -> PolicyCollapse? { .of(masks, grid: .paper) }
    let many = [PatchMask](repeating: some, count: 199)
    #expect(collapse(many + [.none]) == .oneMask)
    #expect(collapse([PatchMask](repeating: .none, count: 50)) == .nothing)
    #expect(collapse([PatchMask](repeating: .all(of: .paper), count: 50)) == .everything)
    #expect(collapse(many + [PatchMask](repeating: .none, count: 9)) == nil)
    #expect(collapse([]) == nil)
  }
}
