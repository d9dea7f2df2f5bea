// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import PatchDrop
import Planning
import Platform
import Purchasing
import Raster
import Wire

/// The purchases of one job: its orders in the ledger, driven to their ends.
struct Buying: Sendable {
  /// How often the same patches are ordered after a vendor's offer lapsed or was refused.
  private static let mostDrafts = 3

  private let live: LiveSteps
  private let work: JobWork

  init(_ live: LiveSteps, _ work: JobWork) {
    self.live = live
    self.work = work
  }

  /// Buys what the plan says; returns when every order has ended and none waits for a person, or
  /// when nothing of the rest can be bought as it was planned.
  ///
  /// - Throws: `StepFailure` that parks the job while an order waits.
  func buy(accepted: @escaping @Sendable () async -> Void) async throws -> PurchaseOutcome {
    let purchaser = try await purchaser()
    try await purchaser.resume(job: work.jobID)
    let drafts = try await live.storage.run { [work] in
      try LiveSteps.plan(of: work).orders.map(\.draft)
    }
    guard !drafts.isEmpty else { return .bought }
    if try await orders().isEmpty { try await checkSpace(for: drafts) }
    try await buy(drafts, purchaser, accepted)
    let newest = Dictionary(grouping: try await orders(), by: \.draft).compactMapValues(\.last)
    let open = drafts.compactMap { newest[$0] }.filter { !$0.state.isFinal }
    if let first = open.first, open.allSatisfy({ $0.state == .parked && $0.isUntouched }) {
      return .cameToNothing(Self.waiting(first))
    }
    try check(drafts, newest)
    return .bought
  }

  private func buy(
    _ drafts: [OrderDraft], _ purchaser: Purchaser,
    _ accepted: @escaping @Sendable () async -> Void
  ) async throws {
    // A person who retries a parked job means those that came to nothing before.
    try await draft(drafts) { $0.state == .refused || $0.state == .parked && $0.isUntouched }
    for round in 1...Self.mostDrafts {
      try await drive(purchaser, accepted: accepted)
      guard round < Self.mostDrafts,
        try await draft(drafts, again: { $0.state == .refused })
      else { break }
    }
  }

  /// Ends what can be ended without paying for it, and sees the rest through.
  ///
  /// - Throws: `StepFailure` that parks the job while money is held.
  func abandon() async throws {
    guard try await !orders().isEmpty else { return }
    let purchaser = try await purchaser()
    try await purchaser.resume(job: work.jobID)
    try await purchaser.cancel(job: work.jobID)
    try await drive(purchaser, sendsOrders: false, accepted: {})
    if let open = try await orders().first(where: { $0.held.minorUnits > 0 }) {
      throw Self.waiting(open)
    }
  }

  /// Parks the job before anything is held where the disk has no room for what would come: a
  /// delivery is on it twice for a time.
  private func checkSpace(for drafts: [OrderDraft]) async throws {
    let sampleByteCount = work.request.stretch == nil ? 1 : 4
    let pixelByteCount = try await bandCount() * sampleByteCount
    let deliveries = drafts.reduce(0) { sum, draft in
      let patches = draft.rectangles.reduce(0) { $0 + $1.columnCount * $1.rowCount }
      return sum + patches * draft.grid.patchPixels * draft.grid.patchPixels * pixelByteCount
    }
    let free = try DiskSpace.freeByteCount(at: live.state.root)
    let needed = 2 * UInt64(deliveries) + live.keptFreeByteCount()
    guard free < needed else { return }
    throw StepFailure(
      Trouble(
        where: "the state directory's disk",
        what: "it has \(free >> 20) MiB free, and the deliveries need \(needed >> 20) MiB, with "
          + "what limits.free_bytes keeps; nothing was ordered.",
        do: "Make room or lower limits.free_bytes, then retry the job."), consequence: .parks)
  }

  // MARK: Orders

  private func orders() async throws -> [OrderRecord] {
    try await live.storage.run { [live, work] in try live.ledger.orders(job: work.jobID) }
  }

  /// Writes down an order for each draft that has none yet, or whose newest one is to be replaced.
  ///
  /// - Returns: whether there is a new order.
  @discardableResult
  private func draft(
    _ drafts: [OrderDraft], again isReplaced: @escaping @Sendable (OrderRecord) -> Bool
  ) async throws -> Bool {
    let date = live.now()
    return try await live.storage.run { [live, work] in
      let known = Dictionary(grouping: try live.ledger.orders(job: work.jobID), by: \.draft)
      let missing = drafts.filter { draft in
        guard let orders = known[draft], let newest = orders.last else { return true }
        return isReplaced(newest)
      }
      guard !missing.isEmpty else { return false }
      try live.ledger.insertDrafts(
        missing.map { draft in
          NewOrder(
            key: live.makeID(), job: work.jobID, budget: work.request.budget, draft: draft)
        }, at: date)
      return true
    }
  }

  private func drive(
    _ purchaser: Purchaser, sendsOrders: Bool = true,
    accepted: @escaping @Sendable () async -> Void
  ) async throws {
    let (news, continuation) = AsyncStream<PurchaseNews>.makeStream()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { continuation.finish() }
        try await purchaser.buy(job: work.jobID, sendsOrders: sendsOrders) {
          continuation.yield($0)
        }
      }
      group.addTask { try await tell(news, accepted: accepted) }
      try await group.waitForAll()
    }
  }

  /// Tells of orders that change state, and of items that are paid.
  private func tell(
    _ news: AsyncStream<PurchaseNews>, accepted: @Sendable () async -> Void
  ) async throws {
    var tally = PurchaseTally()
    for order in try await orders() { tally.update(order) }
    for await item in news {
      guard case .changed(let order) = item else {
        if case .waiting(let order, let reason) = item {
          await work.note(
            "order \(order.key.text) waits and is tried again: \(reason)", tally.money)
        }
        continue
      }
      let before = tally.update(order)
      if before?.state != order.state {
        if [.accepted, .running, .delivering].contains(order.state) { await accepted() }
        if Self.deservesALine.contains(order.state) {
          await work.note(Self.line(order), tally.money)
        }
      }
      work.progress(tally.progress)
    }
  }

  /// The states that a person who watches wants to hear of.
  private static let deservesALine: Set<OrderState> = [
    .held, .inDoubt, .settled, .settledInPart, .cancelled, .refused, .failed, .parked,
  ]

  private static func line(_ order: OrderRecord) -> String {
    let price = order.quote.map { " of \($0.price)" } ?? ""
    let reason = order.parking.map { ": \($0.reason)" } ?? ""
    return "order \(order.key.text)\(price): "
      + order.state.rawValue.replacing("_", with: " ") + reason
  }

  /// Parks the job while the newest order of a draft waits for a person.
  private func check(_ drafts: [OrderDraft], _ newest: [OrderDraft: OrderRecord]) throws {
    for draft in drafts {
      guard let order = newest[draft] else { continue }
      if order.state == .refused {
        throw StepFailure(
          Trouble(
            where: "order \(order.key.text)",
            what: "\(order.vendor) has refused the same patches \(Self.mostDrafts) times.",
            do: "Ask the vendor why; cancel the job, or retry it when it sells them."),
          consequence: .parks)
      }
      if !order.state.isFinal { throw Self.waiting(order) }
    }
  }

  private static func waiting(_ order: OrderRecord) -> StepFailure {
    StepFailure(
      Trouble(
        where: "order \(order.key.text)",
        what: (order.parking?.reason ?? "it is \(order.state.rawValue)") + ".",
        do: order.parking?.remedy ?? "Retry the job to go on with it."), consequence: .parks)
  }

  // MARK: Deliveries

  private func purchaser() async throws -> Purchaser {
    // What is to be stretched comes as it was measured.
    live.purchaser(
      bandCount: try await bandCount(),
      pixelType: work.request.stretch == nil ? .uint8 : .float32)
  }

  private func bandCount() async throws -> Int {
    let name = work.request.model
    return try await live.compute.run { [live] in
      try live.catalogue.bundle(name).card.design.bands.count
    }
  }
}

extension LiveSteps {
  /// One who buys, and takes deliveries of imagery with so many bands of a type.
  func purchaser(bandCount: Int, pixelType: PixelType = .uint8) -> Purchaser {
    let sellers = catalogue.vendors.map { ($0.product.vendor, $0.seller) }
    return Purchaser(
      ledger: ledger, sellers: Dictionary(uniqueKeysWithValues: sellers),
      stateDirectory: state.root,
      receive: { [compute, decoder] download, draft, item, clean in
        try await compute.run {
          try Self.receive(download, draft, item, clean, bandCount, pixelType, decoder)
        }
      }, pool: storage, clock: .system(now: now))
  }

  /// Verifies a delivery to the pixel and makes the clean copy; blocks.
  private static func receive(
    _ download: URL, _ draft: OrderDraft, _ item: Int, _ clean: URL, _ bandCount: Int,
    _ pixelType: PixelType, _ decoder: RasterDecoder
  ) throws -> StoredFile {
    let (grid, rectangle) = (draft.grid, draft.rectangles[item])
    let ground = rectangle.ground(on: grid)
    let expected = RasterLayout(
      width: rectangle.columnCount * grid.patchPixels,
      height: rectangle.rowCount * grid.patchPixels, bandCount: bandCount,
      pixelType: pixelType, crs: grid.lattice.crs,
      transform: GeoTransform(
        originX: ground.west, originY: ground.north, pixelSize: grid.groundSampleDistanceMetres))
    do {
      _ = try Ingest.delivery(
        download, cleanCopy: clean, expected: expected, decoder: decoder)
    } catch {
      switch error {
      // Our own disk, or kernel, is no fault of the vendor's.
      case .cannotRead, .cannotWrite, .decoderUnavailable: throw error
      default: throw DeliveryRejection(error.reason)
      }
    }
    let size = try FileManager.default.attributesOfItem(atPath: clean.path)[.size] as? Int64
    return StoredFile(sha256: try Digest.sha256(ofFileAt: clean), byteCount: size ?? 0)
  }
}

extension OrderRecord {
  /// Whether nothing was sent for it and nothing is held, so that it can be drafted anew.
  fileprivate var isUntouched: Bool { attempts.isEmpty && held.minorUnits == 0 }
}
