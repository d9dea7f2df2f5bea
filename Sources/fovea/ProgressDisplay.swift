// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Wire

/// A job's progress for a person: a line for each state and note, and on a terminal a bar that
/// moves, with the money and the time left of the stage.
struct ProgressDisplay {
  private var start: Date?
  private var bar: ProgressBar
  private var lastMessage = ""

  init(isTerminal: Bool) { bar = ProgressBar(isTerminal: isTerminal) }

  /// Shows what an event says; times count from the first event.
  mutating func show(_ event: JobEvent) {
    let start = start ?? event.at
    self.start = start
    let money = event.money.map { "held \($0.held), spent \($0.spent)" }
    if let progress = event.progress {
      bar.show(
        progress.stage, completed: progress.completed, total: progress.total, at: event.at,
        note: money.map { "  " + $0 } ?? "")
    }
    guard event.kind != .progress, event.message != lastMessage else { return }
    lastMessage = event.message
    bar.clear()
    let seconds = event.at.timeIntervalSince(start)
    Printing.error(
      String(format: "%6.1f s  ", seconds) + event.message + (money.map { "  (\($0))" } ?? ""))
  }

  /// Removes the bar.
  mutating func finish() { bar.clear() }
}
