// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import Service
import Testing

@Suite struct LogTests {
  private func handler(isJournal: Bool) -> LineLogHandler {
    LineLogHandler(
      label: "fovead", logLevel: .info, isJournal: isJournal,
      now: { Date(timeIntervalSince1970: 1_772_366_400) })
  }

  @Test func `a line has its time on a terminal, and its priority in the journal`() {
    let metadata: Logger.Metadata = ["job": "7", "order": "a"]
    #expect(
      handler(isJournal: false).text(level: .info, message: "stored", metadata: metadata)
        == "2026-03-01T12:00:00.000Z info stored job=7 order=a")
    #expect(
      handler(isJournal: true).text(level: .error, message: "stored", metadata: metadata)
        == "<3>stored job=7 order=a")
  }

  @Test func `nothing in a message can begin another line`() {
    let line = handler(isJournal: true).text(
      level: .warning, message: "a\n<0>b", metadata: ["name": "x\u{1B}[2J"])
    #expect(line == #"<4>a\u{a}<0>b name=x\u{1b}[2J"#)
  }
}
