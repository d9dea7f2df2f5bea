// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import Service
import Testing

@Suite struct LogTests {
  private let lines = LogLines()

  private func logger(isJournal: Bool, threshold: LogThreshold = LogThreshold(.info)) -> Logger {
    Logger(label: "fovead") { [lines] _ in
      LineLogHandler(
        threshold: threshold, isJournal: isJournal,
        now: { Date(timeIntervalSince1970: 1_772_366_400) }, write: lines.add)
    }
  }

  @Test func `a line has its time on a terminal, and its priority in the journal`() {
    var terminal = logger(isJournal: false)
    terminal[metadataKey: "job"] = "7"
    terminal.info("stored", metadata: ["order": "a"])
    logger(isJournal: true).error("stored", metadata: ["order": "a", "chip": "r1c2"])
    #expect(
      lines.all == [
        "2026-03-01T12:00:00.000Z info stored job=7 order=a\n", "<3>stored chip=r1c2 order=a\n",
      ])
  }

  @Test func `every level has the journal's priority`() {
    let journal = logger(isJournal: true, threshold: LogThreshold(.debug))
    for level in Logger.Level.allCases { journal.log(level: level, "x") }
    #expect(lines.all == ["<7>x\n", "<6>x\n", "<5>x\n", "<4>x\n", "<3>x\n", "<2>x\n"])
  }

  @Test func `nothing in a message can begin another line or hide in it`() {
    logger(isJournal: true).warning(
      "a\n<0>b\u{2028}c", metadata: ["name": "x\u{1B}[2J\u{202E}", "why": "no \"such\" thing"])
    #expect(
      lines.all == [
        #"<4>a\u{a}<0>b\u{2028}c name=x\u{1b}[2J\u{202e} why="no \"such\" thing""# + "\n"
      ])
  }

  @Test func `addresses lose user, query and fragment`() {
    logger(isJournal: true).warning(
      "asked https://me:key@vendor.example/a?sig=s3cret, then http://b.example/c#s3cret",
      metadata: ["url": "https://vendor.example/d?token=s3cret&x=1", "plain": "unix:/run/v.sock"])
    #expect(
      lines.all == [
        "<4>asked https://vendor.example/a?... then http://b.example/c?... "
          + "plain=unix:/run/v.sock url=https://vendor.example/d?...\n"
      ])
  }
}
