// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform
import Testing
import Transfer

/// When to come back.
@Suite struct BackoffTests {
  @Test func `waits double up to a limit, and are drawn from all of it`() {
    let backoff = Backoff(first: .seconds(1), longest: .seconds(10))
    var generator = SeededGenerator(seed: 1)
    for (count, limit) in [(0, 1.0), (1, 2), (3, 8), (4, 10), (1000, 10)] {
      let waits = (0..<200).map { _ in
        backoff.wait(beforeRetry: count, using: &generator) / .seconds(1)
      }
      #expect(waits.allSatisfy { (0...limit).contains($0) })
      #expect((waits.max() ?? 0) > 0.9 * limit)
      #expect((waits.min() ?? 1) < 0.1 * limit)
    }
  }

  @Test(
    arguments: [
      ("7", 7.0), ("0.5", 0.5), ("-1", 0), ("315360000", 3600), ("1e300", 3600), ("", nil),
      ("soon", nil), ("nan", nil), ("Mon, 23 Nov 2026 11:00:30 GMT", 30),
      ("Mon, 23 Nov 2026 10:00:00 GMT", 0), ("Fri, 20 Nov 2036 11:00:00 GMT", 3600),
    ] as [(String, Double?)])
  func `a server's word is taken within reason`(text: String, seconds: Double?) throws {
    let now = try #require(Timestamp.date("2026-11-23T11:00:00.000Z"))
    #expect(RetryAfter.pause(text, now: now) == seconds.map { .seconds($0) })
  }

  @Test func `the unit is the server's`() {
    #expect(RetryAfter.pause("1500", unit: .milliseconds, now: Date()) == .milliseconds(1500))
  }
}
