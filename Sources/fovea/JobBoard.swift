// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Wire

/// A job's progress for a person: a line for each state and note; under them on a terminal one bar
/// a stage, with the time that it took or still needs, and the job's money.
struct JobBoard {
  /// A stage as the board shows it.
  private struct Stage {
    let name: String
    var startedAt: Date?
    var endedAt: Date?
    var progress: StageProgress?
  }

  private static let barWidth = 24

  private let isTerminal: Bool
  private var stages = ["survey", "buy", "classify", "report"].map { Stage(name: $0) }
  private var money: JobMoney?
  private var firstEventAt: Date?
  private var now = Date.distantPast
  private var lastMessage = ""
  private var drawnLineCount = 0

  init(isTerminal: Bool) { self.isTerminal = isTerminal }

  /// Shows what an event says; times count from the first event.
  mutating func show(_ event: JobEvent) {
    let first = firstEventAt ?? event.at
    firstEventAt = first
    now = max(now, event.at)
    if let money = event.money { self.money = money }
    if event.kind == .state { enter(event) }
    if let progress = event.progress { advance(progress, at: event.at) }
    let isNews = event.kind != .progress && event.message != lastMessage
    guard isTerminal || isNews else { return }
    erase()
    if isNews {
      lastMessage = event.message
      let money = event.money.map { "  (held \($0.held), spent \($0.spent))" } ?? ""
      write(
        String(format: "%6.1f s  ", event.at.timeIntervalSince(first)) + event.message
          + (isTerminal ? "" : money) + "\n")
    }
    draw()
  }

  // MARK: What is known

  /// The stage that a state begins: nil before the first and while nothing runs.
  private static func stage(_ state: JobState) -> Int? {
    switch state {
    case .surveying: 0
    case .ordering, .acquiring: 1
    case .classifying: 2
    default: nil
    }
  }

  private mutating func enter(_ event: JobEvent) {
    let current = Self.stage(event.state)
    end(where: { $0 != current }, at: event.at)
    if event.state == .done, stages[2].startedAt != nil {
      // The report follows the classification without a state of its own.
      stages[3].startedAt = stages[3].startedAt ?? event.at
      stages[3].endedAt = event.at
    }
    guard let current, stages[current].startedAt == nil || stages[current].endedAt != nil,
      stages[3].startedAt == nil
    else { return }
    // A stage that is done again after a stop starts anew.
    stages[current] = Stage(name: stages[current].name, startedAt: event.at)
  }

  private mutating func advance(_ progress: StageProgress, at date: Date) {
    guard let index = stages.firstIndex(where: { $0.name == progress.stage }) else { return }
    end(where: { $0 < index }, at: date)
    if stages[index].startedAt == nil { stages[index].startedAt = date }
    stages[index].progress = progress
  }

  private mutating func end(where isOver: (Int) -> Bool, at date: Date) {
    for index in stages.indices where isOver(index) && stages[index].startedAt != nil {
      stages[index].endedAt = stages[index].endedAt ?? date
    }
  }

  // MARK: Drawing

  private mutating func draw() {
    guard isTerminal else { return }
    var lines = stages.map(line)
    if let money { lines.append("held \(money.held), spent \(money.spent)") }
    write(lines.joined(separator: "\n") + "\n")
    drawnLineCount = lines.count
  }

  private mutating func erase() {
    // Up to the first of the drawn lines, and clear from there on.
    if drawnLineCount > 0 { write("\u{1B}[\(drawnLineCount)A\r\u{1B}[J") }
    drawnLineCount = 0
  }

  private func line(_ stage: Stage) -> String {
    let share = share(of: stage)
    let filled = Int(share * Double(Self.barWidth))
    var line =
      stage.name.padding(toLength: 10, withPad: " ", startingAt: 0) + "["
      + String(repeating: "#", count: filled)
      + String(repeating: ".", count: Self.barWidth - filled) + "]"
    if let progress = stage.progress { line += " \(progress.completed)/\(progress.total)" }
    guard let start = stage.startedAt else { return line }
    if let end = stage.endedAt {
      return line + String(format: "  %.1f s", end.timeIntervalSince(start))
    }
    let elapsed = now.timeIntervalSince(start)
    if share > 0.02 && share < 1 && elapsed > 1 {
      line += String(format: "  %.0f s left", elapsed / share * (1 - share))
    }
    return line
  }

  private func share(of stage: Stage) -> Double {
    if let progress = stage.progress, progress.total > 0 {
      return min(1, Double(progress.completed) / Double(progress.total))
    }
    return stage.endedAt == nil ? 0 : 1
  }

  private func write(_ text: String) {
    // A closed terminal is no reason to stop the work.
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}
