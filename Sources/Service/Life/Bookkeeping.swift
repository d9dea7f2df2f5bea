// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import Logging
import Platform
import Purchasing
import ServiceLifecycle
import Vendors
import Wire

/// What a good bookkeeper does unasked: looks for money that is held too long, reads again what each
/// vendor promises, and compares our orders with each vendor's once a day.
struct Bookkeeping: Service {
  /// How long an order may hold money before somebody should look.
  static let longestHold = Duration.seconds(24 * 3600)
  /// How often each vendor's list is compared with ours.
  static let period = Duration.seconds(24 * 3600)

  let ledger: Ledger
  let catalogue: Catalogue
  /// Where the ledger is called, which blocks.
  let pool: ComputePool
  let health: Health
  let logger: Logger
  let now: @Sendable () -> Date

  /// Looks every hour until a graceful stop.
  func run() async throws {
    while !Task.isShuttingDownGracefully && !Task.isCancelled {
      do {
        try await look()
      } catch {
        // The ledger's own troubles end the daemon elsewhere; a look is repeated anyway.
        logger.warning("bookkeeping failed", metadata: ["reason": "\(error)"])
      }
      // Cut short by a stop, which the loop sees.
      try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(3600)) }
    }
  }

  /// Looks once: at old holds and frozen vendors, and at what is due for comparison.
  func look() async throws {
    for name in try await due() {
      do {
        let result = try await reconcile(name, actor: "bookkeeping")
        logger.info(
          "orders compared",
          metadata: [
            "vendor": "\(name)", "matched": "\(result.matchedCount)",
            "differing": "\(result.differences.count)",
          ])
      } catch {
        logger.warning(
          "orders not compared", metadata: ["vendor": "\(name)", "reason": "\(error)"])
      }
    }
    let words = await brokenPromises() + (try await troubles())
    let problem = words.isEmpty ? nil : words.joined(separator: " ")
    if health.report(.accounts, problem: problem), let problem {
      logger.warning("accounts need a look", metadata: ["problem": "\(problem)"])
    }
  }

  /// Compares our orders at a vendor with its own list, and writes down what came of it.
  ///
  /// - Throws: `VendorError` where the vendor has no list or does not answer, `ProblemDocument`
  ///   for a name that the configuration does not have.
  func reconcile(_ name: String, actor: String) async throws -> Reconciliation {
    guard let seller = catalogue.vendor(name)?.seller else {
      throw ProblemDocument.notFound(
        "There is no vendor \(name.prefix(64)) in the configuration.",
        do: "List them with fovea vendors.")
    }
    return try await Reconciler(ledger: ledger, pool: pool)
      .reconcile(seller, name: name, actor: actor, at: now())
  }

  /// What the configuration says of vendors' interfaces and they do not, a sentence for each.
  private func brokenPromises() async -> [String] {
    var sentences: [String] = []
    for entry in catalogue.vendors {
      do {
        guard let announced = try await entry.vendor.announcedCapabilities() else { continue }
        sentences += entry.vendor.capabilities.promises(beyond: announced).map { phrase in
          "By the configuration of \(entry.product.vendor) \(phrase). Correct its interface."
        }
      } catch {
        // It may not be there now; its orders wait for it anyway, and it is asked again.
        logger.debug(
          "interface not read",
          metadata: ["vendor": "\(entry.product.vendor)", "reason": "\(error)"])
      }
    }
    return sentences
  }

  /// What a person should look at in the ledger, a sentence for each.
  private func troubles() async throws -> [String] {
    let before = now().addingTimeInterval(-(Self.longestHold / .seconds(1)))
    let (holds, freezes) = try await pool.run { [ledger] in
      (try ledger.holds(before: before), try ledger.frozenVendors())
    }
    var words: [String] = []
    if let oldest = holds.first {
      words.append(
        "\(holds.count) order\(holds.count == 1 ? "" : "s") held money for more than a day, "
          + "\(oldest.order.text) since \(Timestamp.text(oldest.since).prefix(10)). "
          + "See fovea order list --open.")
    }
    for freeze in freezes {
      words.append("\(freeze.vendor) gets no new orders: \(freeze.reason). See fovea vendors.")
    }
    return words
  }

  /// The vendors with orders whose last comparison is a day old.
  private func due() async throws -> [String] {
    let before = now().addingTimeInterval(-(Self.period / .seconds(1)))
    let names = catalogue.vendors.map(\.product.vendor)
    return try await pool.run { [ledger] in
      try names.filter { name in
        guard let newest = try ledger.newestOrders(vendor: name, limit: 1).first,
          !newest.attempts.isEmpty
        else { return false }
        let last = try ledger.reconciliations(vendor: name, limit: 1).first?.at
        return last.map { $0 < before } ?? (newest.createdAt < before)
      }
    }
  }
}
