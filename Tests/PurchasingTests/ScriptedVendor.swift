// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Planning
import Platform
import Synchronization
import Vendors

/// A vendor in memory that misbehaves as told and keeps its own book of what it sold.
final class ScriptedVendor: Vendor {
  /// Something that goes wrong once.
  enum Fault: Hashable, Sendable {
    /// The order is taken, and the answer is lost.
    case lostAnswer
    /// No byte of the order arrives.
    case notSent
    /// The order is refused with a status.
    case refused(Int)
    /// The order is not taken; nobody can tell from the answer.
    case busy
    /// The order is taken twice, and once the answer is lost.
    case takenTwice
    /// The status cannot be asked for.
    case statusUnavailable
    /// The status cannot be asked for, for as long as the adapter believes.
    case rateLimited
    /// The status is told in a word that nobody knows.
    case unknownWord
    /// The status goes back to the beginning.
    case goesBack
    /// The links cannot be asked for.
    case noLinks
    /// A download has other bytes than announced.
    case corruptDownload
    /// A download ends in the middle.
    case cutDownload
    /// A look-up finds nothing although the order is there.
    case blindLookUp
    /// A quote is good until a day before it was made.
    case quoteOfYesterday
    /// The receipt names another price than the quote.
    case dearerReceipt
  }

  /// How an order is charged.
  enum Billing: Hashable, Sendable {
    case asQuoted
    case times(Int64)
    case half
    case nothing
    case negative
    case dollars
    case totalOnly
    case twiceTheFirstItem
    case inconsistent
  }

  /// How an order ends.
  enum Ending: Hashable, Sendable {
    case delivered
    /// Only this share of the items comes.
    case part(Double)
    /// The vendor cancels after this share.
    case cancelledAfter(Double)
    case failed
    case never
  }

  struct Sale: Hashable, Sendable {
    let id: String
    let key: UUID
    let price: Money
    let rectangles: [PatchRectangle]
    let at: Date
    var isCancelled = false
  }

  struct State: Sendable {
    var sales: [Sale] = []
    var faults: [Fault]
    var billing = Billing.asQuoted
    var ending = Ending.delivered
    /// Whether a cancellation is answered with yes and not done.
    var ignoresCancel = false
    /// Whether a cancellation is answered with no.
    var declinesCancel = false
    /// Whether nothing answers before this time.
    var downUntil: Date?
    var refunds: [VendorStatement.Refund] = []
    var submitCount = 0
    var statusCount = 0
  }

  let name = "scripted"
  let capabilities: VendorCapabilities
  private let pricePerPatch: Money
  private let state: Mutex<State>
  private let clock: VirtualClock

  init(
    faults: [Fault] = [], pricePerPatch: Money, lookUp: VendorCapabilities.LookUp = .byKey,
    repeated: VendorCapabilities.RepeatedSubmit = .replays, lag: Duration? = .zero,
    clock: VirtualClock
  ) {
    capabilities = VendorCapabilities(
      repeatSafeSubmit: repeated, lookUp: lookUp, lookUpLag: lag, maxItems: nil,
      cancel: .untilDelivery)
    self.pricePerPatch = pricePerPatch
    self.clock = clock
    state = Mutex(State(faults: faults))
  }

  /// What the vendor has sold and not cancelled: the other side of the ledger.
  var sales: [Sale] { state.withLock { $0.sales.filter { !$0.isCancelled } } }
  var submitCount: Int { state.withLock { $0.submitCount } }
  var statusCount: Int { state.withLock { $0.statusCount } }

  /// Changes how it behaves, or what it remembers.
  func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

  /// What the vendor has charged, all in all, in minor units.
  func charged() async -> Int64 {
    var sum = Int64(0)
    for sale in sales {
      let report = try? report(sale, word: "sent")
      sum += report?.charged.minorUnits ?? 0
    }
    return sum
  }

  private func takeFault(_ fault: Fault) -> Bool {
    state.withLock { state in
      guard let index = state.faults.firstIndex(of: fault) else { return false }
      state.faults.remove(at: index)
      return true
    }
  }

  private var isDown: Bool { state.withLock { $0.downUntil.map { clock.now < $0 } ?? false } }

  private func checkOutage() throws(VendorError) {
    if isDown { throw .unavailable(vendor: name, reason: "nobody listens") }
  }

  func price(_ draft: OrderDraft) -> Money { price(patches: draft.patchCount) }

  private func price(patches: Int) -> Money { money(pricePerPatch.minorUnits * Int64(patches)) }

  private func money(_ minorUnits: Int64) -> Money {
    (try? Money(minorUnits: minorUnits, currency: pricePerPatch.currency))
      ?? .zero(pricePerPatch.currency)
  }

  func measure(on grid: ChipGrid) async throws(VendorError) -> OrderMeasure {
    { OrderQuantity($0) }
  }

  func quote(_ draft: OrderDraft) async throws(VendorError) -> Quote {
    try checkOutage()
    let isOld = takeFault(.quoteOfYesterday)
    return Quote(
      price: price(draft),
      validUntil: isOld ? clock.now.addingTimeInterval(-86400) : clock.now.addingTimeInterval(3600))
  }

  func submission(
    for draft: OrderDraft, quote: Quote, key: OrderKey
  ) throws(VendorError) -> Submission {
    do {
      return Submission(key: key, body: try JSON.encoder().encode(draft))
    } catch {
      throw .storage(reason: "\(error)")
    }
  }

  func submit(_ submission: Submission) async throws(SubmitError) -> Receipt {
    if isDown || takeFault(.notSent) { throw .notSent(reason: "nobody listens") }
    if takeFault(.busy) { throw .unknown(reason: "it answered 503") }
    for status in [422, 402] where takeFault(.refused(status)) {
      throw .refused(status: status, reason: "no such place")
    }
    guard let draft = try? JSON.decoder().decode(OrderDraft.self, from: submission.body) else {
      throw .refused(status: 400, reason: "not an order")
    }
    let price = price(draft)
    let copies = takeFault(.takenTwice) ? 2 : 1
    let (sale, isNew) = state.withLock { state in
      state.submitCount += 1
      let known = state.sales.first { $0.key == submission.key }
      if let known, capabilities.repeatSafeSubmit != .duplicates { return (known, false) }
      for _ in 0..<copies {
        state.sales.append(
          Sale(
            id: "V\(state.sales.count + 1)", key: submission.key, price: price,
            rectangles: draft.rectangles, at: clock.now))
      }
      return (state.sales[state.sales.count - copies], true)
    }
    if !isNew && capabilities.repeatSafeSubmit == .refuses {
      throw .unknown(reason: "it answered 409: the key is used")
    }
    if copies == 2 || takeFault(.lostAnswer) { throw .unknown(reason: "the line went dead") }
    let isDearer = takeFault(.dearerReceipt)
    return Receipt(
      vendorOrderID: sale.id, state: .waiting,
      price: isDearer ? money(sale.price.minorUnits + 1) : sale.price)
  }

  func lookUp(_ key: OrderKey) async throws(VendorError) -> [Receipt] {
    try checkOutage()
    if takeFault(.blindLookUp) { return [] }
    let lag = (capabilities.lookUpLag ?? .seconds(60)) / .seconds(1)
    return sales.filter { $0.key == key && clock.now.timeIntervalSince($0.at) >= lag }
      .map { Receipt(vendorOrderID: $0.id, state: .running, price: $0.price) }
  }

  func status(_ order: VendorOrderID) async throws(VendorError) -> StatusReport {
    state.withLock { $0.statusCount += 1 }
    try checkOutage()
    if takeFault(.statusUnavailable) { throw .unavailable(vendor: name, reason: "503") }
    if takeFault(.rateLimited) { throw .rateLimited(vendor: name, retryAfter: .seconds(3600)) }
    guard let sale = state.withLock({ $0.sales.first { $0.id == order } }) else {
      throw .refused(vendor: name, status: 404, reason: "no such order")
    }
    if takeFault(.unknownWord) { return try report(sale, state: .running, word: "marinating") }
    if takeFault(.goesBack) { return try report(sale, state: .waiting, word: "queued") }
    return try report(sale, word: "sent")
  }

  private func report(
    _ sale: Sale, state: VendorOrderState, word: String
  ) throws(VendorError) -> StatusReport {
    StatusReport(state: state, vendorState: word, items: [], charged: money(0))
  }

  private func report(_ sale: Sale, word: String) throws(VendorError) -> StatusReport {
    let (ending, billing) = state.withLock { ($0.ending, $0.billing) }
    if sale.isCancelled { return try report(sale, state: .cancelled, word: "gone") }
    let (share, end): (Double, VendorOrderState) =
      switch ending {
      case .delivered: (1, .delivered)
      case .part(let share): (share, .partlyDelivered)
      case .cancelledAfter(let share): (share, .cancelled)
      case .failed: (0, .failed)
      case .never: (0, .running)
      }
    if end == .running { return try report(sale, state: .running, word: "working") }
    let here = Int((Double(sale.rectangles.count) * share).rounded(.up))
    let fair = sale.rectangles.prefix(here).map { price(patches: $0.patchCount).minorUnits }
    let (charges, total) = Self.bill(fair, billing)
    let currency = billing == .dollars ? try? Currency(code: "USD") : pricePerPatch.currency
    func amount(_ minorUnits: Int64) -> Money {
      currency.flatMap { try? Money(minorUnits: minorUnits, currency: $0) } ?? money(minorUnits)
    }
    var items = sale.rectangles.indices.map { index in
      StatusReport.Item(
        number: index, state: index < here ? .delivered : end == .delivered ? .failed : end,
        charge: index < here ? charges?[index].map(amount) : nil)
    }
    if billing == .twiceTheFirstItem { items.insert(items[0], at: 0) }
    return StatusReport(state: end, vendorState: word, items: items, charged: amount(total))
  }

  private static func bill(_ fair: [Int64], _ billing: Billing) -> ([Int64?]?, Int64) {
    let sum = fair.reduce(0, +)
    return switch billing {
    case .asQuoted, .dollars: (fair, sum)
    case .times(let factor): (fair.map { $0 * factor }, sum * factor)
    case .half: (fair.map { $0 / 2 }, fair.reduce(0) { $0 + $1 / 2 })
    case .nothing: (fair.map { _ in 0 }, 0)
    case .negative: (fair.map { -$0 }, -sum)
    case .totalOnly: (nil, sum)
    case .twiceTheFirstItem: (fair, sum + (fair.first ?? 0))
    case .inconsistent: (fair, sum - 1)
    }
  }

  func deliveries(_ order: VendorOrderID) async throws(VendorError) -> [Delivery] {
    try checkOutage()
    if takeFault(.noLinks) { throw .unavailable(vendor: name, reason: "503") }
    let rectangles = sales.first { $0.id == order }?.rectangles ?? []
    return rectangles.indices.map { index in
      let bytes = Self.bytes(order, index)
      return Delivery(
        itemNumber: index, url: "memory:", byteCount: Int64(bytes.count),
        sha256: Digest.sha256(bytes))
    }
  }

  func download(
    _ delivery: Delivery, to file: URL, progress: @escaping @Sendable (Int64) -> Void
  ) async throws(VendorError) {
    try checkOutage()
    if takeFault(.corruptDownload) {
      throw .badDelivery(vendor: name, item: delivery.itemNumber, reason: "SHA-256 differs")
    }
    guard
      let bytes = sales.flatMap({ sale in
        sale.rectangles.indices.map { Self.bytes(sale.id, $0) }
      }).first(where: { Digest.sha256($0) == delivery.sha256 })
    else { throw .refused(vendor: name, status: 404, reason: "no such item") }
    progress(Int64(bytes.count))
    if takeFault(.cutDownload) { throw .unavailable(vendor: name, reason: "the line went dead") }
    do {
      try DurableFile.write(bytes, to: file)
    } catch {
      throw .storage(reason: error.description)
    }
  }

  func cancel(_ order: VendorOrderID) async throws(VendorError) -> CancelAnswer {
    try checkOutage()
    return state.withLock { state in
      if state.declinesCancel { return .declined(reason: "too late") }
      if let index = state.sales.firstIndex(where: { $0.id == order }), !state.ignoresCancel {
        state.sales[index].isCancelled = true
      }
      return .requested
    }
  }

  func statement(since date: Date) async throws(VendorError) -> VendorStatement {
    let (sales, refunds) = state.withLock { ($0.sales, $0.refunds) }
    var orders: [VendorStatement.Order] = []
    for sale in sales {
      let report = try report(sale, word: "sent")
      orders.append(
        VendorStatement.Order(
          id: sale.id, reference: sale.key.text, state: report.state, charged: report.charged))
    }
    return VendorStatement(orders: orders, refunds: refunds)
  }

  private static func bytes(_ order: String, _ item: Int) -> Data {
    Data("\(order)/\(item)".utf8)
  }
}
