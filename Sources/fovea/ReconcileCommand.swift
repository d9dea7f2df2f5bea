// SPDX-License-Identifier: Apache-2.0

import Acquisition
import ArgumentParser
import Client
import Platform
import Wire

struct ReconcileCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reconcile", abstract: "Compare our orders with the vendors' own books.",
    discussion: """
      The daemon does this daily. Refunds that a vendor names are booked, once each. A vendor that \
      has orders which we do not know gets no new ones until a person releases it.
      Exit codes: 0 both sides agree, 65 they differ, 69 no daemon.
      """)
  @Argument(help: "The vendor; all of them when left out.") var vendor: String?
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let daemon = try connection.connect()
    let names = if let vendor { [vendor] } else { try await daemon.vendors().map(\.name) }
    var results: [ReconciliationRecord] = []
    for name in names { results.append(try await daemon.reconcile(name)) }
    if output.json {
      try Printing.json(ItemList(items: results, next: nil))
    } else {
      for result in results { show(result) }
    }
    guard results.allSatisfy(\.differences.isEmpty) else {
      throw CommandFailure(
        "the books differ. Look at the orders with fovea order show, and ask the vendor.",
        .badData)
    }
  }

  private func show(_ result: ReconciliationRecord) {
    print("\(result.vendor): orders that agree: \(result.matchedCount)")
    guard !result.differences.isEmpty else { return }
    Printing.table(
      ["finding", "order", "at the vendor", "paid", "charged"],
      result.differences.map { difference in
        [
          difference.finding, difference.order ?? "", difference.vendorOrder ?? "",
          difference.paid?.description ?? "", difference.charged?.description ?? "",
        ]
      })
  }
}
