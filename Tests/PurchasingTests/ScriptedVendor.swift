// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Platform
import Synchronization
import Vendors

/// A vendor in memory that misbehaves as told and keeps its own book of what it sold.
final class ScriptedVendor: Vendor {
  enum Fault: Hashable, Sendable {
    /// The order is taken, and the answer is lost.
    case lostAnswer
    /// No byte of the order arrives.
    case notSent
    /// The order is refused.
    case refused
    /// The order is taken twice, and once the answer is lost.
    case takenTwice
    /// The status cannot be asked for.
    case statusUnavailable
    /// A download has other bytes than announced.
    case corruptDownload
    /// A look-up finds nothing although the order is there.
    case blindLookUp
  }

  struct Sale: Hashable, Sendable {
    let id: String
    let key: UUID
    let price: Money
    let rectangles: [PatchRectangle]
    var isCancelled = false
  }

  private struct State: Sendable {
    var sales: [Sale] = []
    var faults: [Fault]
    var deliveredShare = 1.0
    var chargeFactor: Int64 = 1
    var submitCount = 0
  }

  let name = "scripted"
  let capabilities: VendorCapabilities
  private let pricePerPatch: Money
  private let state: Mutex<State>

  init(
    faults: [Fault] = [], pricePerPatch: Money, lookUp: VendorCapabilities.LookUp = .byKey,
    repeated: VendorCapabilities.RepeatedSubmit = .replays
  ) {
    capabilities = VendorCapabilities(
      repeatSafeSubmit: repeated, lookUp: lookUp, lookUpLag: .zero, maxItems: nil,
      cancel: .untilDelivery)
    self.pricePerPatch = pricePerPatch
    state = Mutex(State(faults: faults))
  }

  /// What the vendor has sold and not cancelled: the other side of the ledger.
  var sales: [Sale] { state.withLock { $0.sales.filter { !$0.isCancelled } } }
  var submitCount: Int { state.withLock { $0.submitCount } }
  func deliverOnly(share: Double) { state.withLock { $0.deliveredShare = share } }
  func charge(factor: Int64) { state.withLock { $0.chargeFactor = factor } }

  private func takeFault(_ fault: Fault) -> Bool {
    state.withLock { state in
      guard let index = state.faults.firstIndex(of: fault) else { return false }
      state.faults.remove(at: index)
      return true
    }
  }

  func price(_ draft: OrderDraft) -> Money {
    price(patches: draft.patchCount)
  }

  private func price(patches: Int) -> Money {
    (try? Money(
      minorUnits: pricePerPatch.minorUnits * Int64(patches), currency: pricePerPatch.currency))
      ?? .zero(pricePerPatch.currency)
  }

  func quote(_ draft: OrderDraft) async throws(VendorError) -> Quote { Quote(price: price(draft)) }

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
    if takeFault(.notSent) { throw .notSent(reason: "nobody listens") }
    if takeFault(.refused) { throw .refused(status: 422, reason: "no such place") }
    guard let draft = try? JSON.decoder().decode(OrderDraft.self, from: submission.body) else {
      throw .refused(status: 400, reason: "not an order")
    }
    let price = price(draft)
    let copies = takeFault(.takenTwice) ? 2 : 1
    let sale = state.withLock { state in
      state.submitCount += 1
      if let known = state.sales.first(where: { $0.key == submission.key }) { return known }
      for _ in 0..<copies {
        state.sales.append(
          Sale(
            id: "V\(state.sales.count + 1)", key: submission.key, price: price,
            rectangles: draft.rectangles))
      }
      return state.sales[state.sales.count - copies]
    }
    if copies == 2 || takeFault(.lostAnswer) { throw .unknown(reason: "the line went dead") }
    return Receipt(vendorOrderID: sale.id, state: .waiting, price: sale.price)
  }

  func lookUp(_ key: OrderKey) async throws(VendorError) -> [Receipt] {
    if takeFault(.blindLookUp) { return [] }
    return sales.filter { $0.key == key }
      .map { Receipt(vendorOrderID: $0.id, state: .running, price: $0.price) }
  }

  func status(_ order: VendorOrderID) async throws(VendorError) -> StatusReport {
    if takeFault(.statusUnavailable) { throw .unavailable(vendor: name, reason: "503") }
    let (sale, share, factor) = state.withLock { state in
      (state.sales.first { $0.id == order }, state.deliveredShare, state.chargeFactor)
    }
    guard let sale else { throw .refused(vendor: name, status: 404, reason: "no such order") }
    let zero = Money.zero(sale.price.currency)
    if sale.isCancelled {
      return StatusReport(state: .cancelled, vendorState: "gone", items: [], charged: zero)
    }
    let here = Int((Double(sale.rectangles.count) * share).rounded(.up))
    let items = sale.rectangles.enumerated().map { index, rectangle in
      let price = price(patches: rectangle.patchCount)
      let charge = try? Money(minorUnits: price.minorUnits * factor, currency: price.currency)
      return StatusReport.Item(
        number: index, state: index < here ? .delivered : .failed,
        charge: index < here ? charge : nil)
    }
    let charged = items.compactMap(\.charge).reduce(Int64(0)) { $0 + $1.minorUnits }
    return StatusReport(
      state: here == items.count ? .delivered : .partlyDelivered, vendorState: "sent",
      items: items, charged: (try? Money(minorUnits: charged, currency: zero.currency)) ?? zero)
  }

  func deliveries(_ order: VendorOrderID) async throws(VendorError) -> [Delivery] {
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
    if takeFault(.corruptDownload) {
      throw .badDelivery(vendor: name, item: delivery.itemNumber, reason: "SHA-256 differs")
    }
    guard
      let bytes = sales.flatMap({ sale in
        sale.rectangles.indices.map { Self.bytes(sale.id, $0) }
      }).first(where: { Digest.sha256($0) == delivery.sha256 })
    else { throw .refused(vendor: name, status: 404, reason: "no such item") }
    progress(delivery.byteCount)
    do {
      try DurableFile.write(bytes, to: file)
    } catch {
      throw .storage(reason: error.description)
    }
  }

  func cancel(_ order: VendorOrderID) async throws(VendorError) -> CancelAnswer {
    state.withLock { state in
      guard let index = state.sales.firstIndex(where: { $0.id == order }) else { return }
      state.sales[index].isCancelled = true
    }
    return .requested
  }

  private static func bytes(_ order: String, _ item: Int) -> Data {
    Data("\(order)/\(item)".utf8)
  }
}
