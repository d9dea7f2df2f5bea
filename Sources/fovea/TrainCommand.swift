// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import PatchDrop
import Platform
import Yams

struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train an agent on labelled images and write its bundle.",
    discussion: """
      A training is described by a YAML file, by flags, or by both, where flags count more. What \
      neither says is as the paper has it. Stages run in the order \
      \(TrainingStage.allCases.map(\.rawValue).joined(separator: ", ")). Each finished stage and \
      epoch is kept in the checkpoint folder; a later run with the same data and options goes on \
      from there.
      """)

  @Argument(help: "The YAML file that describes the training.")
  var file: String?

  @Option(help: "The images: a folder, a .tar or a .csv.")
  var data: String?

  @Option(help: "The bundle to write, NAME.safetensors.")
  var output: String?

  @Option(help: "The last stage to run, or all.")
  var stage = "all"

  @Option(help: "The side of an image's pixel on the ground, in metres.")
  var gsd: Double?

  @Option(help: "Image pixels along one low-resolution pixel.")
  var zoom: Int?

  @Option(help: "Where all randomness starts.")
  var seed: UInt64?

  @Option(help: "A file whose hr.* tensors the HR classifier starts from, where they fit.")
  var startFrom: String?

  @Option(help: "The folder of finished stages and epochs; OUTPUT.stages when not given.")
  var checkpoints: String?

  @Option(help: "Who made the images, and on which terms; stored in the bundle.")
  var attribution: String?

  @Option(help: "The epochs of a stage, as STAGE=NUMBER; may be given again.")
  var epochs: [String] = []

  @Option(help: "Threads of one pass; the weights do not depend on it.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  func validate() throws {
    guard stage == "all" || TrainingStage(rawValue: stage) != nil else {
      throw ValidationError(
        "\"\(stage)\" is no stage: give all, or one of "
          + "\(TrainingStage.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    guard file != nil || data != nil else {
      throw ValidationError("Give a YAML file that describes the training, or --data.")
    }
    guard threads > 0, (zoom ?? 1) > 0, (gsd ?? 1) > 0 else {
      throw ValidationError("--threads, --zoom and --gsd are above 0.")
    }
  }

  func run() async throws {
    try await ComputePool(threadCount: 1).run { [self] in try train() }
  }

  private func train() throws {
    let plan = try plan()
    guard let output = plan.output else {
      throw ValidationError("Nothing names the bundle to write: give --output NAME.safetensors.")
    }
    let folder = URL(filePath: checkpoints ?? output + ".stages")
    try DurableFile.createFolder(folder)
    let log = try TrainingLog(
      jsonLines: folder.appending(path: "log.jsonl"), showsProgress: isatty(1) == 1
    ) { FileHandle.standardOutput.write(Data($0.utf8)) }
    let images = URL(filePath: plan.data)
    var bar = ProgressBar()
    let chips = try LabelledChips(
      contentsOf: images, zoom: plan.zoom,
      options: DataOptions(
        sidePixels: plan.sidePixels, lowSource: plan.lowResolution, cache: DataOptions.userCache())
    ) { done, total in
      bar.show("decoding", completed: done, total: total)
      return true
    }
    bar.clear()
    if let warning = chips.cacheWarning { log.say(warning) }
    log.say("\(chips.count) images of \(chips.classes.count) classes")
    for (path, reason) in chips.unreadable { log.say("left out \(path): \(reason)") }
    let training = try AgentTraining(
      chips: chips,
      design: try plan.design.design(
        for: chips, groundSampleDistanceMetres: plan.groundSampleDistanceMetres),
      options: plan.training, start: plan.startFrom.map { URL(filePath: $0) }, checkpoints: folder,
      log: log, threadCount: threads)
    if let last = TrainingStage(rawValue: stage) {
      try training.finishStages(through: last)
      return
    }
    let url = URL(filePath: output)
    let bundle = try training.writeBundle(
      name: url.deletingPathExtension().lastPathComponent,
      source: (images.lastPathComponent, plan.attribution), command: command, to: url)
    log.say("wrote \(output), \(bundle.digest.prefix(16))")
  }

  /// What the file says, with what the flags change.
  private func plan() throws -> TrainingPlan {
    var plan: TrainingPlan
    if let file {
      let text = try String(contentsOfFile: file, encoding: .utf8)
      let tree: Any?
      do {
        tree = try Yams.load(yaml: text)
      } catch {
        throw ModelError.invalidPlan(path: file, reason: "\(error)")
      }
      plan = try TrainingPlan(tree: tree ?? [String: Any](), path: file)
      let folder = URL(filePath: file).deletingLastPathComponent()
      plan.data = URL(filePath: plan.data, relativeTo: folder).path
      plan.startFrom = plan.startFrom.map { URL(filePath: $0, relativeTo: folder).path }
    } else {
      plan = TrainingPlan(data: "")
    }
    if let data { plan.data = data }
    if let output { plan.output = output }
    if let zoom { plan.zoom = zoom }
    if let gsd { plan.groundSampleDistanceMetres = gsd }
    if let attribution { plan.attribution = attribution }
    if let startFrom { plan.startFrom = startFrom }
    if let seed { plan.training.seed = seed }
    for text in epochs {
      let parts = text.split(separator: "=")
      guard parts.count == 2, let count = Int(parts[1]),
        plan.training.setEpochs(count, of: String(parts[0]))
      else {
        throw ValidationError("\"\(text)\" is no number of epochs: give for example --epochs hr=8.")
      }
    }
    return plan
  }

  /// What a person typed, without the places that files had on this machine.
  private var command: String {
    func name(_ path: String) -> String { URL(filePath: path).lastPathComponent }
    var words = ["fovea", "train"]
    if let file { words.append(name(file)) }
    if let data { words += ["--data", name(data)] }
    if let output { words += ["--output", name(output)] }
    if let gsd { words += ["--gsd", "\(gsd)"] }
    if let zoom { words += ["--zoom", "\(zoom)"] }
    if let startFrom { words += ["--start-from", name(startFrom)] }
    if let seed { words += ["--seed", "\(seed)"] }
    for text in epochs { words += ["--epochs", text] }
    return words.joined(separator: " ")
  }
}

extension TrainingOptions {
  /// Changes the epochs of a stage; false where there is no such stage.
  fileprivate mutating func setEpochs(_ count: Int, of stage: String) -> Bool {
    guard count > 0 else { return false }
    switch stage {
    case "hr": hr.epochs = count
    case "lr": lr.epochs = count
    case "warm": warm.epochs = count
    case "pt": pt.epochs = count
    case "ft1": ft1.epochs = count
    case "ft2": ft2.epochs = count
    case "comparisons": comparisons.epochs = count
    default: return false
    }
    return true
  }
}
