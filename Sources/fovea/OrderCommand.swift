// SPDX-License-Identifier: Apache-2.0

import Acquisition
import ArgumentParser
import Client
import Foundation
import Wire

struct OrderCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "order", abstract: "Orders at vendors: what was bought, what waits.",
    subcommands: [List.self, Show.self, Resolve.self], defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List orders, the newest first.")
    @Flag(help: "Only those that have not ended.") var open = false
    @Option(help: "Only this vendor's.") var vendor: String?
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let orders = try await connection.connect().orders(openOnly: open, vendor: vendor)
      if output.json { return try Printing.json(ItemList(items: orders, next: nil)) }
      Printing.table(
        ["order", "vendor", "state", "price", "held", "captured", "drafted", "waits because"],
        orders.map { order in
          [
            order.key, order.vendor, order.state.rawValue, order.price?.description ?? "",
            order.held.description, order.captured.description, Printing.time(order.createdAt),
            order.waiting?.what ?? "",
          ]
        })
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show one order: attempts, items, entries, and all that happened.")
    @Argument(help: "Its key.") var key: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let order = try await connection.connect().order(key)
      if output.json { return try Printing.json(order) }
      OrderCommand.show(order)
    }
  }

  struct Resolve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say what you found out about an order that waits for a person.",
      discussion: """
        Give one of --accepted, --never-arrived and --dispute. What you say is kept with your \
        user id and the reason.
        """)

    enum Outcome: String, ExpressibleByArgument, CaseIterable {
      case pay
      case credit
    }

    @Argument(help: "The order's key.") var key: String
    @Option(help: "The vendor has it, under this name.") var accepted: String?
    @Flag(help: "The vendor never got it: what it holds is free again.") var neverArrived = false
    @Option(
      help: "pay: the vendor gets its charge, or --amount. credit: it asks for nothing more.")
    var dispute: Outcome?
    @Option(help: "With --dispute pay: what is paid for the whole order, as in \"12.50 EUR\".")
    var amount: String?
    @Option(help: "Why.") var reason: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
      let given = [accepted != nil, neverArrived, dispute != nil].count { $0 }
      guard given == 1 else {
        throw ValidationError("Give one of --accepted, --never-arrived and --dispute.")
      }
      if amount != nil && dispute != .pay {
        throw ValidationError("--amount goes with --dispute pay.")
      }
    }

    func run() async throws {
      let decision: OrderResolutionRequest.Decision =
        switch (accepted, dispute) {
        case (.some, _): .accepted
        case (nil, .pay): .pay
        case (nil, .credit): .credit
        case (nil, nil): .neverArrived
        }
      let request = OrderResolutionRequest(
        decision: decision, vendorOrder: accepted,
        amount: try amount.map { try Money(parsing: $0) }, reason: reason)
      let order = try await connection.connect().resolve(key, request)
      if output.json { return try Printing.json(order) }
      print("order \(order.order.key) is \(order.order.state.rawValue) now")
      if !order.order.state.isFinal {
        print("go on with fovea job retry \(order.order.job)")
      }
    }
  }

  private static func show(_ detail: OrderDetailRecord) {
    let order = detail.order
    print("order     \(order.key) of job \(order.job)")
    print(
      "vendor    \(order.vendor), \(detail.product)\(order.vendorOrder.map { ", as \($0)" } ?? "")")
    print("state     \(order.state.rawValue)")
    let billed = detail.billedKm2.map { ", \(Printing.decimals($0, 3)) km2 billed" } ?? ""
    print("area      \(Printing.decimals(detail.neededKm2, 3)) km2 needed\(billed)")
    let until = detail.quoteValidUntil.map { ", good until \(Printing.time($0))" } ?? ""
    print("quote     \(order.price.map { "\($0)\(until)" } ?? "none yet")")
    print("money     \(order.held) held, \(order.captured) captured")
    if let waiting = order.waiting {
      print("waits     \(waiting.what)\nwhat to do  \(waiting.remedy)")
    }
    if let dispute = detail.dispute {
      print(
        "dispute   \(dispute.outcome ?? "open"): charged \(dispute.charged), agreed "
          + "\(dispute.agreed), set aside \(dispute.setAside), claim \(dispute.claim)")
    }
    for attempt in detail.attempts {
      print(
        "attempt   \(attempt.number) at \(Printing.time(attempt.at)), body "
          + attempt.bodySha256.prefix(16))
    }
    print("")
    Printing.table(
      ["item", "state", "patches", "charge", "bytes", "sha256"],
      detail.items.map { item in
        [
          "\(item.number)", item.state, "\(item.patchCount)", item.charge?.description ?? "",
          item.byteCount.map { "\($0)" } ?? "", item.sha256.map { String($0.prefix(16)) } ?? "",
        ]
      })
    print("")
    Printing.table(
      ["entry", "at", "operation", "amount", "item", "actor"],
      detail.entries.map { entry in
        [
          "\(entry.sequence)", Printing.time(entry.at), entry.operation,
          entry.amount.description, entry.item.map { "\($0)" } ?? "", entry.actor,
        ]
      })
    print("")
    Printing.table(
      ["at", "state", "by", "note"],
      detail.events.map { event in
        [Printing.time(event.at), event.state.rawValue, event.actor, event.note ?? ""]
      })
  }
}
