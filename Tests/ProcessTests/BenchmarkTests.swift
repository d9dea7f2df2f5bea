// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The benchmark's own arithmetic, which its shares of the machine's ceiling rest on.
@Suite(
  .tags(.slow), .enabled(if: runsProcesses, "set FOVEA_FULL=1 to start programs"),
  .timeLimit(.minutes(10)))
struct BenchmarkTests {
  // As the peers' script counts them.
  @Test func `the networks have the peers' arithmetic`() async throws {
    let world = try World()
    let output = try await world.run(program: "fovea-bench", ["list"])
    #expect(output.status == 0, "\(output.errors)")
    let rows = output.text.split(separator: "\n").dropFirst().map { $0.split(separator: " ") }
    let found = Dictionary(
      uniqueKeysWithValues: try rows.map { (String($0[0]), try #require(Double($0[3]))) })
    let expected = [
      "resnet34@224": 7.327, "resnet10@56": 0.1249, "resnet32@32": 0.1382, "resnet8@8": 0.00156,
      "policy8": 0.00156, "eurosat64": 0.327,
    ]
    #expect(Set(found.keys) == Set(expected.keys))
    for (name, gigaflop) in expected {
      #expect(abs(try #require(found[name]) / gigaflop - 1) < 0.005, "\(name)")
    }
  }
}
