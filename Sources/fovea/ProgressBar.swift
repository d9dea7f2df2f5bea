// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A bar on standard error that moves as work does, with the time left; nothing where that is no
/// terminal.
struct ProgressBar {
  private static let width = 24

  private let isTerminal: Bool
  private var stage = ""
  private var stageStart = Date.distantPast
  private var drawn = ""

  init(isTerminal: Bool = isatty(STDERR_FILENO) == 1) { self.isTerminal = isTerminal }

  /// Draws the bar where it changes.
  ///
  /// - Parameter note: stands at its end.
  mutating func show(
    _ stage: String, completed: Int, total: Int, at now: Date = Date(), note: String = ""
  ) {
    if stage != self.stage { (self.stage, stageStart) = (stage, now) }
    guard isTerminal else { return }
    let fraction = total > 0 ? min(1, Double(completed) / Double(total)) : 1
    let filled = Int(fraction * Double(Self.width))
    var line =
      "\(stage) [" + String(repeating: "#", count: filled)
      + String(repeating: ".", count: Self.width - filled) + "] \(completed)/\(total)"
    let elapsed = now.timeIntervalSince(stageStart)
    if fraction > 0.02 && fraction < 1 && elapsed > 1 {
      line += String(format: "  %.0f s left", elapsed / fraction * (1 - fraction))
    }
    line += note
    guard line != drawn else { return }
    drawn = line
    write("\r\u{1B}[K" + line)
  }

  /// Removes the bar.
  mutating func clear() {
    if !drawn.isEmpty { write("\r\u{1B}[K") }
    drawn = ""
  }

  private func write(_ text: String) {
    // A closed terminal is no reason to stop the work.
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}
