// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Neural
import PatchDrop
import Platform
import TestSupport
import Testing

/// A whole training on made-up chips, whose right masks are known.
@Suite struct TrainingTests {
  @Test func `an agent learns which patch each chip needs`() throws {
    let folder = try TemporaryFolder()
    let chips = StripedChips.make(count: 192)
    let url = folder.url.appending(path: "striped.safetensors")
    let stages = folder.url.appending(path: "stages")
    let bundle = try StripedChips.training(chips, in: stages)
      .writeBundle(name: "striped", source: ("made up", "none"), command: "test", to: url)

    let lines = try StripedChips.lines(in: stages)
    let rewards = lines.filter { $0.stage == .pt }.compactMap(\.reward)
    #expect(try #require(rewards.last) > (try #require(rewards.first)) + 0.1)

    let val = chips.indices(of: .val)
    let evaluation = try Evaluation(bundle: bundle, chips: chips, indices: val)
    let masks = evaluation.masks()
    for (mask, index) in zip(masks, val) {
      #expect(mask.contains(StripedChips.patch(index)), "\(chips.paths[index]) \(mask.patches)")
    }
    // Chips that were made to need different patches are bought differently.
    let byNeed = Dictionary(grouping: zip(masks, val)) { StripedChips.patch($0.1) }
    #expect(byNeed.count == 16 && Set(masks).count >= 16)
    let (first, second) = (byNeed[0] ?? [], byNeed[5] ?? [])
    #expect(Set(first.map(\.0)).isDisjoint(with: second.map(\.0)))
    #expect(PolicyCollapse.of(masks, grid: .paper) == nil)
    let rows = evaluation.rows()
    let patchDrop = try #require(rows.first { $0.system == .patchDrop && $0.stage == .ft2 })
    let fixed = try #require(rows.first { $0.system == .fixedH && $0.stage == .ft2 })
    let nothing = try #require(rows.first { $0.system == .lrCNN })
    #expect(patchDrop.accuracy > 0.95 && patchDrop.patches < 3)
    #expect(fixed.accuracy < 0.75 && nothing.accuracy < 0.75)
    #expect(rows.first { $0.system == .hrCNN }?.accuracy == 1)
    #expect(bundle.card.measured == rows)
  }

  @Test func `a stage changes only what is its own`() throws {
    let folder = try TemporaryFolder()
    var options = StripedChips.options
    options.hr.epochs = 1
    options.warm.epochs = 1
    options.pt.epochs = 1
    options.ft2.epochs = 1
    let training = try StripedChips.training(
      StripedChips.make(count: 96), in: folder.url, options: options)
    let before = try training.run(through: .warm)
    let pt = try training.run(.pt, after: before)
    // No statistics, no weight of a classifier: they are frozen, as is what they are made of.
    #expect(pt.keys.allSatisfy { $0.hasPrefix("pt.policy.") })
    let after = try training.run(through: .ft2)
    for (name, tensor) in before { #expect(after[name] == tensor, "\(name)") }
    for (name, tensor) in pt { #expect(after[name] == tensor, "\(name)") }
    // Ft-2 moves the weights of the HR classifier and leaves its statistics.
    #expect(after["ft2.hr.fc.weight"] != after["pt.hr.fc.weight"])
    #expect(after["ft2.hr.bn1.running_mean"] == after["pt.hr.bn1.running_mean"])
  }

  @Test func `a seed decides everything, and finished stages are not run again`() throws {
    let folders = [try TemporaryFolder(), try TemporaryFolder()]
    var options = StripedChips.options
    options.hr.epochs = 1
    options.warm.epochs = 1
    options.pt.epochs = 1
    options.ft2.epochs = 1
    let chips = StripedChips.make(count: 96)
    let first = try StripedChips.training(chips, in: folders[0].url, options: options)
    let all = try first.run(through: .ft2)
    let lineCount = try StripedChips.lines(in: folders[0].url).count
    // Stopped between stages and taken up by another process.
    try StripedChips.training(chips, in: folders[1].url, options: options)
      .finishStages(through: .warm)
    let resumed = try StripedChips.training(chips, in: folders[1].url, options: options)
      .run(through: .ft2)
    #expect(all == resumed)
    #expect(try StripedChips.lines(in: folders[1].url).count == lineCount)
    // Another seed is another training: nothing of the old one is taken.
    options.seed = 2
    let other = try StripedChips.training(chips, in: folders[1].url, options: options)
      .run(through: .hr)
    #expect(other["hr.fc.weight"] != all["hr.fc.weight"])
  }

  @Test func `images that cannot be cut into patches are refused before any work`() throws {
    let folder = try TemporaryFolder()
    let chips = LabelledChips(
      classes: ["a", "b"], paths: ["a/1", "b/1"], labels: [0, 1], splits: [.train, .train],
      samples: [UInt8](repeating: 7, count: 2 * 100), bandCount: 1, side: 10, zoom: 2)
    let log = try TrainingLog(jsonLines: nil, showsProgress: false) { _ in }
    let design = AgentDesign(
      chipPixels: 10, groundSampleDistanceMetres: 10, zoom: 2, bands: ["grey"], classCount: 2)
    let error = #expect(throws: ModelError.self) {
      try AgentTraining(
        chips: chips, design: design, options: TrainingOptions(), checkpoints: folder.url, log: log)
    }
    #expect(error?.description.contains("10 pixels do not divide") == true)
    #expect(error?.description.contains("multiple") == true)
  }

  @Test func `a loss that is no number stops the training with words`() throws {
    let folder = try TemporaryFolder()
    var options = StripedChips.options
    options.lr.learningRate = 1e30
    options.lr.epochs = 4
    let training = try StripedChips.training(
      StripedChips.make(count: 96), in: folder.url, options: options)
    let error = #expect(throws: ModelError.self) { try training.run(.lr, after: [:]) }
    #expect(error?.description.contains("no number") == true)
    #expect(error?.description.contains("learning rate") == true)
  }
}
