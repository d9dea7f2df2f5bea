// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import PatchDrop
import Platform

struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train an agent on labelled images and write its bundle.",
    discussion: """
      Stages run in the order hr, lr, warm, pt, ft2. Each finished stage and epoch is kept in the \
      checkpoint folder; a later run with the same data and options goes on from there.
      """)

  @Option(help: "A folder or .tar of images with a labels.tsv (path, class, split).")
  var data: String

  @Option(help: "The bundle to write, NAME.safetensors.")
  var output: String

  @Option(help: "The last stage to run: hr, lr, warm, pt, ft2 or all.")
  var stage = "all"

  @Option(help: "The side of an image's pixel on the ground, in metres.")
  var gsd = 10.0

  @Option(help: "Image pixels along one low-resolution pixel.")
  var zoom = 8

  @Option(help: "Where all randomness starts.")
  var seed: UInt64 = 1

  @Option(help: "The folder of finished stages and epochs; OUTPUT.stages when not given.")
  var checkpoints: String?

  @Option(help: "Who made the images, and on which terms; stored in the bundle.")
  var attribution = ""

  @Option(help: "The epochs of a stage, as STAGE=NUMBER; may be given again.")
  var epochs: [String] = []

  @Option(help: "Threads of one pass; the weights do not depend on it.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  func validate() throws {
    guard stage == "all" || TrainingStage(rawValue: stage) != nil else {
      throw ValidationError("\"\(stage)\" is no stage: give hr, lr, warm, pt, ft2 or all.")
    }
    guard zoom > 0, gsd > 0 else { throw ValidationError("--zoom and --gsd are above 0.") }
    _ = try options()
  }

  func run() async throws {
    try await ComputePool(threadCount: 1).run { [self] in try train() }
  }

  private func train() throws {
    let output = URL(filePath: output)
    let folder = URL(filePath: checkpoints ?? self.output + ".stages")
    try DurableFile.createFolder(folder)
    let isTerminal = isatty(1) == 1
    let log = try TrainingLog(
      jsonLines: folder.appending(path: "log.jsonl"), showsProgress: isTerminal
    ) { FileHandle.standardOutput.write(Data($0.utf8)) }
    let chips = try LabelledChips(contentsOf: URL(filePath: data), zoom: zoom)
    log.say("\(chips.count) images of \(chips.classes.count) classes")
    for (path, reason) in chips.unreadable { log.say("left out \(path): \(reason)") }
    let design = AgentDesign(
      chipPixels: chips.side, groundSampleDistanceMetres: gsd, zoom: zoom,
      bands: chips.bandCount == 3
        ? ["red", "green", "blue"] : (1...chips.bandCount).map { "band \($0)" },
      classCount: chips.classes.count)
    let training = try AgentTraining(
      chips: chips, design: design, options: try options(), checkpoints: folder, log: log,
      threadCount: threads)
    if let last = TrainingStage(rawValue: stage) {
      try training.finishStages(through: last)
      return
    }
    let bundle = try training.writeBundle(
      name: output.deletingPathExtension().lastPathComponent,
      source: (URL(filePath: data).lastPathComponent, attribution), command: command, to: output)
    log.say("wrote \(output.path), \(bundle.digest.prefix(16))")
  }

  /// The command in short, without the places that files had on this machine.
  private var command: String {
    var words = [
      "fovea", "train", "--data", URL(filePath: data).lastPathComponent, "--output",
      URL(filePath: output).lastPathComponent, "--gsd", "\(gsd)", "--zoom", "\(zoom)", "--seed",
      "\(seed)",
    ]
    for text in epochs { words += ["--epochs", text] }
    return words.joined(separator: " ")
  }

  /// The default options with what a person changed.
  private func options() throws -> TrainingOptions {
    var options = TrainingOptions()
    options.seed = seed
    for text in epochs {
      let parts = text.split(separator: "=")
      guard parts.count == 2, let stage = TrainingStage(rawValue: String(parts[0])),
        let count = Int(parts[1]), count > 0
      else {
        throw ValidationError("\"\(text)\" is no number of epochs: give for example --epochs hr=8.")
      }
      switch stage {
      case .hr: options.hr.epochs = count
      case .lr: options.lr.epochs = count
      case .warm: options.warm.epochs = count
      case .pt: options.pt.epochs = count
      case .ft2: options.ft2.epochs = count
      }
    }
    return options
  }
}
