// SPDX-License-Identifier: Apache-2.0

public import Foundation
import Platform

/// What a training says: progress with the time left, a line an epoch, and the same as JSON lines.
public final class TrainingLog {
  /// One epoch's figures.
  public struct Line: Codable, Sendable, Equatable {
    /// The stage.
    public var stage: TrainingStage
    /// The epoch, from 1.
    public var epoch: Int
    /// The epochs of the stage.
    public var epochs: Int
    /// The mean loss of the epoch's steps.
    public var loss: Double
    /// The share of right answers in the epoch's steps.
    public var trainAccuracy: Double
    /// The share of right answers on `tune`.
    public var tuneAccuracy: Double
    /// The mean reward of the epoch's draws.
    public var reward: Double?
    /// The mean number of patches of the epoch's draws.
    public var sampledPatches: Double?
    /// The mean number of patches of the greedy masks on `tune`.
    public var greedyPatches: Double?
    /// The number of different greedy masks on `tune`.
    public var distinctMasks: Int?
    /// What is wrong with the masks that would be bought on `tune`, if anything.
    public var collapse: PolicyCollapse?
    /// The mean norm of the policy's gradient, of the network's in the classifier stages.
    public var gradientNorm: Double
    /// How long the epoch took.
    public var durationS: Double
  }

  /// The characters of a progress bar.
  private static let barWidth = 30

  private let jsonLines: FileHandle?
  private let show: (String) -> Void
  private let showsProgress: Bool
  private var lastShown = Date.distantPast

  /// Creates a log.
  ///
  /// - Parameters:
  ///   - jsonLines: the file that lines are added to, if any.
  ///   - showsProgress: whether the current line is redrawn between epochs, on a terminal.
  ///   - show: prints a piece of text.
  public init(
    jsonLines url: URL?, showsProgress: Bool, show: @escaping (String) -> Void
  ) throws {
    if let url {
      if !FileManager.default.fileExists(atPath: url.path) {
        try DurableFile.write(Data(), to: url)
      }
      jsonLines = try FileHandle(forWritingTo: url)
      try jsonLines?.seekToEnd()
    } else {
      jsonLines = nil
    }
    self.showsProgress = showsProgress
    self.show = show
  }

  /// Says something on a line of its own.
  public func say(_ text: String) { show((showsProgress ? "\r\u{1B}[K" : "") + text + "\n") }

  /// Shows how far a stage is; at most five times a second.
  func progress(stage: TrainingStage, done: Int, total: Int, secondsLeft: Double) {
    let now = Date()
    guard showsProgress, now.timeIntervalSince(lastShown) > 0.2, done > 0 else { return }
    lastShown = now
    let share = Double(done) / Double(max(total, 1))
    let bar = String(repeating: "#", count: Int(share * Double(Self.barWidth)))
      .padding(toLength: Self.barWidth, withPad: "-", startingAt: 0)
    show(
      "\r\u{1B}[K\(stage.rawValue) [\(bar)] \(Int(100 * share)) %, \(Self.time(secondsLeft)) left")
  }

  /// Reports an epoch.
  func report(_ line: Line, secondsLeft: Double) throws {
    var text =
      "\(line.stage.rawValue) \(line.epoch)/\(line.epochs)  loss \(Self.number(line.loss, 4))"
      + "  train \(Self.percent(line.trainAccuracy))  tune \(Self.percent(line.tuneAccuracy))"
    if let reward = line.reward { text += "  reward \(Self.number(reward, 4))" }
    if let patches = line.sampledPatches { text += "  S drawn \(Self.number(patches, 2))" }
    if let patches = line.greedyPatches { text += "  S greedy \(Self.number(patches, 2))" }
    if let masks = line.distinctMasks { text += "  masks \(masks)" }
    if let collapse = line.collapse { text += "  COLLAPSED (\(collapse.rawValue))" }
    text +=
      "  gradient \(Self.number(line.gradientNorm, 3))  \(Self.time(line.durationS))"
      + "  \(Self.time(secondsLeft)) left"
    say(text)
    try jsonLines?.write(contentsOf: try JSON.encoder().encode(line) + Data("\n".utf8))
  }

  static func number(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", value)
  }

  static func percent(_ share: Double) -> String { number(100 * share, 2) + " %" }

  static func time(_ seconds: Double) -> String {
    let whole = Int(max(0, seconds.isFinite ? seconds : 0).rounded())
    return whole < 60 ? "\(whole) s" : "\(whole / 60) min \(whole % 60) s"
  }
}
