// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// What a person does about money: looks at an order, ends a dispute, releases a vendor.
@Suite(
  .serialized, .tags(.slow), .enabled(if: runsProcesses, "set FOVEA_FULL=1 to start programs"),
  .timeLimit(.minutes(10)))
struct MoneyTests {
  @Test func `a dispute is seen, ended and forgiven by commands`() async throws {
    let world = try World()
    try await world.startVendor(faults: ["status:price:1000"])
    try await world.startDaemon()
    let job = try await world.submit(budget: "50.00 EUR", extra: ["--cap", "12.00 EUR"])
    try await world.wait(for: job, ["parked"])
    let open = try await world.run("order", "list", "--open", "--json").items()
    let key = try #require(open.first?["key"] as? String)
    let shown = try await world.run("order", "show", key)
    #expect(shown.status == 0, "\(shown.errors)")
    for word in ["waits", "dispute   open", "attempt   1", "hold", "parked", "km2 billed"] {
      #expect(shown.text.contains(word), "\(word): \(shown.text)")
    }
    let vendors = try await world.run("vendors")
    #expect(vendors.text.contains("frozen"), "\(vendors.text)")
    // Neither without a reason nor with a decision that does not fit.
    #expect(try await world.run("order", "resolve", key, "--dispute", "credit").status == 64)
    let refused = try await world.run(
      "order", "resolve", key, "--never-arrived", "--reason", "none")
    #expect(refused.status == 65 && refused.errors.contains("the vendor has order"))
    let resolved = try await world.run(
      "order", "resolve", key, "--dispute", "credit", "--reason", "credit note 7")
    #expect(resolved.status == 0, "\(resolved.errors)")
    let released = try await world.run("vendors", "unfreeze", "demo", "--reason", "settled")
    #expect(released.status == 0, "\(released.errors)")
    #expect(try await world.run("job", "retry", job).status == 0)
    try await world.wait(for: job, ["done"])
    #expect(try await world.account("held") == 0)
    #expect(try await world.run("order", "list", "--open", "--json").items().isEmpty)
    let copy = try await world.run("ledger", "backup", "--json")
    let folder = try #require(try copy.object()["folder"] as? String, "\(copy.errors)")
    #expect(FileManager.default.fileExists(atPath: "\(folder)/ledger.sqlite"))
  }
}
