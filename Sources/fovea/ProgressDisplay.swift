// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Wire

/// A job's progress for a person: a line for each state and note, and on a terminal a bar that
/// moves, with the money and the time left of the stage.
struct ProgressDisplay {
  private static let barWidth = 24

  private let isTerminal: Bool
  private var start: Date?
  private var stage = ""
  private var stageStart = Date.distantPast
  private var hasBar = false
  private var lastMessage = ""

  init(isTerminal: Bool) { self.isTerminal = isTerminal }

  /// Shows what an event says; times count from the first event.
  mutating func show(_ event: JobEvent) {
    let now = event.at
    let start = start ?? now
    self.start = start
    if let progress = event.progress {
      if progress.stage != stage { (stage, stageStart) = (progress.stage, now) }
      if isTerminal { draw(progress, event.money, now) }
    }
    guard event.kind != .progress, event.message != lastMessage else { return }
    lastMessage = event.message
    clear()
    let seconds = now.timeIntervalSince(start)
    let money = event.money.map { "  (held \($0.held), spent \($0.spent))" } ?? ""
    Printing.error(String(format: "%6.1f s  ", seconds) + event.message + money)
  }

  /// Removes the bar.
  mutating func finish() { clear() }

  private mutating func draw(_ progress: StageProgress, _ money: JobMoney?, _ now: Date) {
    let filled = Int(progress.fraction * Double(Self.barWidth))
    let bar =
      String(repeating: "#", count: filled)
      + String(repeating: ".", count: Self.barWidth - filled)
    let elapsed = now.timeIntervalSince(stageStart)
    var line = "\(progress.stage) [\(bar)] \(progress.completed)/\(progress.total)"
    if progress.fraction > 0.02 && progress.fraction < 1 && elapsed > 1 {
      let left = elapsed / progress.fraction * (1 - progress.fraction)
      line += String(format: "  %.0f s left", left)
    }
    if let money { line += "  held \(money.held), spent \(money.spent)" }
    write("\r\u{1B}[K" + line)
    hasBar = true
  }

  private mutating func clear() {
    if hasBar { write("\r\u{1B}[K") }
    hasBar = false
  }

  private func write(_ text: String) {
    // A closed terminal is no reason to stop watching.
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}
