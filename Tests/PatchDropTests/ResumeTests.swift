// SPDX-License-Identifier: Apache-2.0

import Foundation
import Neural
import PatchDrop
import TestSupport
import Testing

/// Trainings that were stopped within a stage and taken up by another process.
@Suite struct ResumeTests {
  private static let chips = StripedChips.make(count: 192)

  private static func options() -> TrainingOptions {
    var options = StripedChips.options
    options.hr.epochs = 4
    // So fast that more epochs are not always better.
    options.ft1.classifierRate = 0.1
    options.ft2.classifierRate = 0.1
    options.pt.policyRate = 1
    options.lr.epochs = 4
    options.lrFolds = 2
    options.warm.epochs = 4
    options.pt.epochs = 4
    options.ft1.epochs = 4
    options.ft2.epochs = 4
    options.comparisons.epochs = 4
    return options
  }

  /// All of the agent's own, and the first comparison system's.
  private static let stages = Array(
    TrainingStage.allCases.prefix { $0 <= .fixedHFt1 })

  /// Runs a training to the end of a stage, and returns its tensors with a copy of its folder as
  /// it was before each epoch was kept: what a process that is killed then leaves behind.
  private func run(
    through stage: TrainingStage, in folder: TemporaryFolder
  ) throws -> (tensors: [String: Tensor], leftBehind: (TrainingStage, Int) -> URL) {
    let stages = folder.url.appending(path: "stages")
    func copy(_ stage: TrainingStage, _ epoch: Int) -> URL {
      folder.url.appending(path: "\(stage.rawValue)-\(epoch)")
    }
    let training = try StripedChips.training(Self.chips, in: stages, options: Self.options()) {
      // Lines such as "hr 3/4  loss ...", shown before the third epoch is kept.
      let words = $0.split(separator: " ")
      guard words.count > 1, let stage = TrainingStage(rawValue: String(words[0])),
        let epoch = words[1].split(separator: "/").first.flatMap({ Int($0) })
      else { return }
      do {
        try FileManager.default.copyItem(at: stages, to: copy(stage, epoch - 1))
      } catch {
        Issue.record(error)
      }
    }
    let tensors = try training.run(through: stage)
    let kept = try FileManager.default.contentsOfDirectory(atPath: stages.path)
    #expect(!kept.contains { $0.contains("progress") }, "finished stages keep no epochs")
    return (tensors, copy)
  }

  @Test func `a training goes on after any epoch, to the bit`() throws {
    let folder = try TemporaryFolder()
    let (straight, leftBehind) = try run(through: .fixedHFt1, in: folder)
    let allLines = try lines(in: folder.url.appending(path: "stages"))
    #expect(allLines.count == 4 * Self.stages.count)
    // Some end with an epoch from before the last stop, so that losing it would show.
    let kept = Set(straight.values.map(\.values))
    let early = try Self.stages.filter { stage in
      let file = try SafeTensors(
        contentsOf: leftBehind(stage, 3).appending(path: "\(stage.rawValue).progress.safetensors"))
      let best = try file.tensors(prefix: "best.").values.map(\.values)
      return !best.isEmpty && kept.isSuperset(of: best)
    }
    #expect(!early.filter { [.hr, .lr].contains($0) }.isEmpty, "\(early)")
    #expect(!early.filter { [.pt, .ft1, .ft2].contains($0) }.isEmpty, "\(early)")
    for stage in Self.stages {
      let wanted = allLines.filter { $0.stage <= stage }
      for epochs in [0, 2, 3] {
        let copy = leftBehind(stage, epochs)
        var said = ""
        let resumed = try StripedChips.training(
          Self.chips, in: copy, options: Self.options()
        ) { said += $0 }.run(through: stage)
        let changed = resumed.keys.filter { straight[$0] != resumed[$0] }
        #expect(changed.isEmpty, "after \(epochs) epochs of \(stage)")
        #expect(
          said.contains("\(stage.rawValue): goes on after epoch \(epochs) of 4") == (epochs > 0))
        // Each epoch once: those that were kept were not run again.
        #expect(try lines(in: copy) == wanted)
      }
    }
  }

  @Test func `a damaged or foreign epoch is not taken`() throws {
    let folder = try TemporaryFolder()
    let (straight, leftBehind) = try run(through: .hr, in: folder)
    let kept = leftBehind(.hr, 2).appending(path: "hr.progress.safetensors")
    let whole = try Data(contentsOf: kept)
    for length in [0, 7, whole.count / 2, whole.count - 1] {
      try whole.prefix(length).write(to: kept)
      let (resumed, said) = try resume(in: leftBehind(.hr, 2), Self.options())
      #expect(resumed == straight)
      #expect(said.contains("hr.progress.safetensors is damaged and not taken"))
      #expect(!said.contains("goes on"))
    }

    // A file that was being written, and a whole one of another training.
    try whole.write(to: leftBehind(.hr, 3).appending(path: ".hr.progress.safetensors.1.part"))
    try FileManager.default.removeItem(
      at: leftBehind(.hr, 3).appending(path: "hr.progress.safetensors"))
    let (unfinished, said) = try resume(in: leftBehind(.hr, 3), Self.options())
    #expect(unfinished == straight && !said.contains("goes on"))
    var options = Self.options()
    options.seed = 2
    let (other, saidOfOther) = try resume(in: leftBehind(.hr, 1), options)
    #expect(other != straight && !saidOfOther.contains("goes on"))
  }

  private func resume(
    in folder: URL, _ options: TrainingOptions
  ) throws -> (tensors: [String: Tensor], said: String) {
    // As if the stage had not been finished since.
    try? FileManager.default.removeItem(at: folder.appending(path: "hr.safetensors"))
    var said = ""
    let tensors = try StripedChips.training(Self.chips, in: folder, options: options) {
      said += $0
    }.run(through: .hr)
    return (tensors, said)
  }

  /// The lines that a training wrote, but for the time.
  private func lines(in folder: URL) throws -> [TrainingLog.Line] {
    try StripedChips.lines(in: folder).map { line in
      var line = line
      line.durationS = 0
      return line
    }
  }
}

extension TrainingStage {
  fileprivate static func <= (first: TrainingStage, second: TrainingStage) -> Bool {
    let order = TrainingStage.allCases
    return order.firstIndex(of: first) ?? 0 <= order.firstIndex(of: second) ?? 0
  }
}
