// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Logging
import Platform
import Raster
import ServiceLifecycle

/// Cuts what was ordered, one order after another, as a service beside the HTTP server.
///
/// An order that a stop interrupted is cut again at the next start: nothing of it was sold yet.
struct Fulfilment: Service {
  /// As good as never.
  private static let forEver: TimeInterval = 100 * 365 * 86_400

  let shop: Shop
  let imageFile: URL
  let pool: ComputePool
  let faults: FaultInjector
  /// One element when there may be something to do.
  let orders: AsyncStream<Void>
  let logger: Logger

  func run() async throws {
    try await cancelWhenGracefulShutdown {
      var alarm: Task<Void, any Error>?
      defer { alarm?.cancel() }
      do {
        shop.wake()
        for await _ in orders {
          while let order = try await shop.books.next(), order.ready <= shop.now() {
            try await fulfil(order)
          }
          alarm?.cancel()
          guard let next = try await shop.books.next() else { continue }
          let wait = next.ready.timeIntervalSince(shop.now())
          alarm = Task {
            try await Task.sleep(for: .seconds(min(max(0, wait), 86_400)))
            shop.wake()
          }
        }
      } catch is CancellationError {
        return
      }
    }
  }

  private func fulfil(_ order: OrderRow) async throws {
    let faults = faults.take(
      FaultInjector.Call(phase: .fulfil, order: try await shop.books.place(of: order.id)))
    if let rule = faults[.stuck] {
      let seconds = rule.integer("seconds").map(Double.init) ?? Self.forEver
      _ = try await shop.books.begin(order.id)
      return try await shop.books.postpone(order.id, to: shop.now().addingTimeInterval(seconds))
    }
    guard try await shop.books.begin(order.id) else { return }
    do {
      let work = Work(order: order, faults: faults)
      let items = try await cut(work)
      let isSold = try await shop.books.finish(order.id, as: work.end, selling: items)
      logger.info(
        isSold ? "order delivered" : "order was cancelled",
        metadata: ["order": "\(order.id)", "items": "\(items.count)", "price": "\(order.price)"])
      if isSold, let rule = faults[.refund] { try await refund(items, of: order, rule) }
    } catch let error as CancellationError {
      throw error
    } catch {
      logger.error("order failed", metadata: ["order": "\(order.id)", "reason": "\(error)"])
      _ = try await shop.books.end(order.id, as: .failed)
    }
  }

  /// An order as it is carried out, with what goes wrong.
  private struct Work {
    let order: OrderRow
    let faults: CallFaults
    /// The items that come.
    let selections: [Catalogue.Selection]

    init(order: OrderRow, faults: CallFaults) {
      self.order = order
      self.faults = faults
      let good = order.items.map(\.selection).filter { faults.rule(.fail, item: $0.number) == nil }
      selections = Array(good.prefix(faults[.withdraw].map { $0.integer("items") ?? 1 } ?? .max))
    }

    var end: OrderRow.State {
      if faults[.withdraw] != nil { return .cancelled }
      if selections.isEmpty { return .failed }
      return selections.count == order.items.count ? .delivered : .partlyDelivered
    }

    /// What each item costs, by number.
    var charges: [Int: Money] {
      get throws {
        let all = order.items.map(\.selection)
        let parts = order.price.parts(byWeights: all.map(\.areaSquareMillimetres))
        var charges: [Int: Money] = [:]
        for (selection, part) in zip(all, parts) {
          let percent = faults.rule(.charge, item: selection.number)?.integer("percent")
          charges[selection.number] = try Money(
            minorUnits: part.minorUnits * Int64(percent ?? 100) / 100, currency: part.currency)
        }
        return charges
      }
    }
  }

  /// Cuts the items, as many at a time as the pool has threads; in the order of the items.
  private func cut(_ work: Work) async throws -> [Books.CutItem] {
    let charges = try work.charges
    let zero = Money.zero(work.order.price.currency)
    return try await withThrowingTaskGroup(of: Books.CutItem.self) { group in
      for selection in work.selections {
        let wrong = work.faults.rule(.wrongImage, item: selection.number).map {
          WrongImage(rawValue: $0.settings["kind"] ?? "") ?? .place
        }
        group.addTask {
          try await cut(
            selection, to: shop.file(of: work.order.id, item: selection.number), wrong,
            charge: charges[selection.number] ?? zero)
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.number < $1.number }
    }
  }

  private func cut(
    _ selection: Catalogue.Selection, to file: URL, _ wrong: WrongImage?, charge: Money
  ) async throws -> Books.CutItem {
    try await pool.run { [imageFile] in
      try DurableFile.createFolder(file.deletingLastPathComponent())
      if let wrong {
        try wrong.write(selection.pixels, of: imageFile, to: file)
      } else {
        try Dataset(trusted: imageFile).cut(selection.pixels, to: file)
      }
      return Books.CutItem(
        number: selection.number, byteCount: Int64(try Data(contentsOf: file).count),
        sha256: try Digest.sha256(ofFileAt: file), charge: charge)
    }
  }

  private func refund(
    _ items: [Books.CutItem], of order: OrderRow, _ rule: FaultRule
  ) async throws {
    let paid = items.reduce(0) { $0 + $1.charge.minorUnits }
    let units = paid * Int64(rule.integer("percent") ?? 100) / 100
    guard units > 0 else { return }
    for _ in 0..<(rule.integer("times") ?? 1) {
      try await shop.books.add(
        Books.Refund(
          id: shop.newID(), orderID: rule.settings["unknown"] == nil ? order.id : shop.newID(),
          amount: try Money(minorUnits: units, currency: order.price.currency), at: shop.now()))
    }
  }
}
