// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import Planning
import Platform
import Purchasing
import Vendors

/// The purchase of a plan: the product's ledger and rules, a vendor that delivers all at once, and
/// no files.
struct ScalePurchase {
  static let budget = "bench"
  static let job = UUID(uuid: (1, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 1))
  private static let digest = String(repeating: "0a", count: 32)

  /// What the ledger has of the job when it is done.
  struct Books {
    let orders: [OrderRecord]
    let entries: [LedgerEntry]
    let owned: [PatchPosition: OwnedPatch]
  }

  private let plan: Plan
  private let folder: URL
  private var ledger: Ledger
  private let machine: PurchaseMachine
  private let date = Date(timeIntervalSince1970: 1_772_366_400)

  init(plan: Plan, currency: Currency, folder: URL, chipCount: Int) throws {
    self.plan = plan
    self.folder = folder
    ledger = try Ledger(in: folder)
    machine = PurchaseMachine(
      capabilities: VendorCapabilities(
        repeatSafeSubmit: .replays, lookUp: .byKey, lookUpLag: nil, maxItems: nil,
        cancel: .never), policy: .standard)
    try ledger.createBudget(Self.budget, currency: currency, actor: "bench", at: date)
    if plan.price.minorUnits > 0 {
      try ledger.grant(plan.price, to: Self.budget, actor: "bench", at: date)
    }
  }

  /// Writes all orders down.
  func draft() throws {
    try ledger.insertDrafts(
      plan.orders.map {
        NewOrder(key: UUID(), job: Self.job, budget: Self.budget, draft: $0.draft)
      }, at: date)
  }

  /// Takes every order to its end.
  func buy() throws {
    let prices = Dictionary(uniqueKeysWithValues: plan.orders.map { ($0.draft, $0.price) })
    for order in try ledger.orders(job: Self.job) {
      try drive(order, price: prices[order.draft] ?? plan.price)
    }
  }

  private func drive(_ order: OrderRecord, price: Money) throws {
    var order = order
    let share = price.minorUnits / Int64(order.items.count)
    let charge = try Money(minorUnits: share, currency: price.currency)
    let report = StatusReport(
      state: .delivered, vendorState: "done",
      items: order.items.map {
        StatusReport.Item(number: $0.number, state: .delivered, charge: charge)
      },
      charged: try Money(
        minorUnits: share * Int64(order.items.count), currency: price.currency))
    func commit(_ event: PurchaseMachine.Event) throws {
      guard let change = machine.change(of: order, on: event) else { return }
      order = try ledger.apply(change, actor: "purchasing", at: date)
    }
    while true {
      switch machine.step(for: order, report: report, now: date) {
      case .quote:
        let quote = RecordedQuote(price: price, validUntil: nil, document: Data("{}".utf8))
        try commit(.quoted(quote, expected: price))
      case .hold(let price): try commit(.holding(price))
      case .attempt:
        try commit(.sending(bodyDigest: Self.digest))
        try commit(
          .accepted(
            Receipt(vendorOrderID: order.key.uuidString, state: .waiting, price: price)))
      case .poll: try commit(.reported(report))
      case .fetch(let items):
        try commit(
          .stored(
            items.map { item in
              StoredItem(
                number: item, path: "deliveries/\(order.key.uuidString.lowercased())/\(item).tif",
                file: StoredFile(sha256: Self.digest, byteCount: 1))
            }))
      case .capture(let charges): try commit(.capturing(charges: charges))
      case .commit(let event): try commit(event)
      case .lookUp, .rest: return
      }
    }
  }

  /// Reads what the report is made from.
  func books() throws -> Books {
    Books(
      orders: try ledger.orders(job: Self.job), entries: try ledger.entries(budget: Self.budget),
      owned: try ledger.ownedPatches(product: plan.product, grid: plan.grid))
  }

  /// Opens the ledger as a daemon that starts does: the whole chain is checked.
  mutating func reopen() throws {
    try ledger.close()
    ledger = try Ledger(in: folder)
  }
}
