// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation
public import Planning
import Platform
public import Transfer

/// Cuts a rectangle of pixels out of a small untrusted GeoTIFF: reads the first file, writes the
/// second as a GeoTIFF of exactly that rectangle.
public typealias CogCutter =
  @Sendable (_ excerpt: URL, _ pixels: CogPixels, _ target: URL) async throws -> Void

/// A Cloud-Optimised GeoTIFF at a web server as a vendor: open data, without an account.
///
/// The head of the file says where its tiles are; an order is of the tiles under its items, fetched
/// by ranges with nothing around them. Orders and receipts are our own files: what was ordered is
/// delivered at once, and costs what the price list says of so many bytes, requests or km2.
///
/// ```swift
/// let vendor = try CogVendor(
///   configuration, prices: rule, orders: state.appending(path: "cog/open"), client: client, cut: cut)
/// ```
public struct CogVendor: Vendor {
  /// The most items that an order may have.
  public static let mostItems = 500
  /// How many bytes between two tiles are fetched to save a request.
  private static let largestGap: UInt64 = 1 << 15
  /// The largest range that is asked for at once.
  private static let longestRange: UInt64 = 8 << 20
  /// How often a range is asked for that comes to nothing for a passing reason.
  private static let mostAttempts = 3

  /// The vendor's name in the configuration.
  public let name: String
  /// An order is a file of ours: it can be looked up and repeated at once, and there is nobody to
  /// cancel it.
  public let capabilities = VendorCapabilities(
    repeatSafeSubmit: .replays, lookUp: .byKey, lookUpLag: .zero, maxItems: Self.mostItems,
    cancel: .never)

  private let prices: PriceRule
  private let file: CogFile
  private let orders: CogOrders
  private let cut: CogCutter
  private let pool = ComputePool(threadCount: 1)

  /// Creates the vendor; nothing is sent.
  ///
  /// - Parameters:
  ///   - orders: the folder of its orders, which must last.
  ///   - cut: cuts items out of the tiles that were fetched.
  /// - Throws: `VendorError.misconfigured` when the url is not one of a file that may be used.
  public init(
    _ configuration: VendorConfiguration, prices: PriceRule, orders: URL, client: HTTPClient,
    cut: @escaping CogCutter
  ) throws(VendorError) {
    name = configuration.name
    self.prices = prices
    self.orders = CogOrders(folder: orders)
    self.cut = cut
    file = try CogFile(configuration, client: client)
  }

  /// Counts bytes and ranges by the file's index.
  public func measure(on grid: ChipGrid) async throws(VendorError) -> OrderMeasure {
    let index = try await file.open().index
    do throws(CogProblem) {
      try index.check(grid)
    } catch {
      throw refused(error)
    }
    return { draft in Self.quantity(draft, index) }
  }

  /// Prices the tiles under the items by the price list.
  public func quote(_ draft: OrderDraft) async throws(VendorError) -> Quote {
    let opened = try await file.open()
    do throws(CogProblem) {
      for rectangle in draft.rectangles {
        _ = try CogExcerpt(
          opened.index, under: opened.index.pixels(of: rectangle, on: draft.grid))
      }
    } catch {
      throw refused(error)
    }
    do {
      let price = try prices.price(of: Self.quantity(draft, opened.index))
      let version = try JSON.encoder().encode(opened.version)
      return Quote(
        price: price.total, vendorQuoteID: String(decoding: version, as: UTF8.self),
        areaSquareMillimetres: draft.areaSquareMillimetres)
    } catch {
      throw .misconfigured(vendor: name, reason: "\(error)")
    }
  }

  /// The order as it is kept: draft, price and the content of the file that was priced.
  public func submission(
    for draft: OrderDraft, quote: Quote, key: OrderKey
  ) throws(VendorError) -> Submission {
    guard draft.rectangles.count <= Self.mostItems else {
      throw .refused(
        vendor: name, status: 413,
        reason: "\(draft.rectangles.count) items, and an order has at most \(Self.mostItems)")
    }
    do {
      let version = try JSON.decoder().decode(
        CogVersion.self, from: Data((quote.vendorQuoteID ?? "").utf8))
      let order = CogOrder(
        reference: key.text, draft: draft, price: quote.price, version: version)
      return Submission(key: key, body: try JSON.encoder().encode(order))
    } catch {
      throw .malformedAnswer(vendor: name, reason: "the quote is of another vendor: \(error)")
    }
  }

  /// Keeps the order; the same one again is the same order.
  public func submit(_ submission: Submission) async throws(SubmitError) -> Receipt {
    let reference = submission.key.text
    do {
      return try await pool.run { [orders] in
        if let kept = try orders.bytes(reference), kept != submission.body {
          throw SubmitError.refused(status: 409, reason: "the key stands for another order")
        }
        let order = try JSON.decoder().decode(CogOrder.self, from: submission.body)
        try orders.keep(submission.body, as: reference)
        return order.receipt
      }
    } catch let error as SubmitError {
      throw error
    } catch {
      throw .notSent(reason: "\(error)")
    }
  }

  /// Finds the order among our files: what is not there was never ordered.
  public func lookUp(_ key: OrderKey) async throws(VendorError) -> [Receipt] {
    try await kept(key.text).map { [$0.receipt] } ?? []
  }

  /// Everything is there as soon as it is ordered.
  public func status(_ order: VendorOrderID) async throws(VendorError) -> StatusReport {
    let order = try await known(order)
    return StatusReport(
      state: .delivered, vendorState: "delivered",
      items: order.charges.enumerated().map {
        StatusReport.Item(number: $0.offset, state: .delivered, charge: $0.element)
      }, charged: order.price)
  }

  /// The items; their length and digest show when they are cut.
  public func deliveries(_ order: VendorOrderID) async throws(VendorError) -> [Delivery] {
    try await known(order).draft.rectangles.indices.map {
      Delivery(itemNumber: $0, url: "\(order)/\($0)", byteCount: nil, sha256: nil)
    }
  }

  /// Declines: there is nothing between order and delivery.
  public func cancel(_ order: VendorOrderID) async throws(VendorError) -> CancelAnswer {
    .declined(reason: "what is ordered from a file is delivered at once")
  }

  /// Fetches the tiles under an item and cuts it out of them.
  public func download(
    _ delivery: Delivery, to target: URL, progress: @escaping @Sendable (Int64) -> Void
  ) async throws(VendorError) {
    let order = try await known(String(delivery.url.prefix { $0 != "/" }))
    let item = delivery.itemNumber
    guard order.draft.rectangles.indices.contains(item) else {
      throw .malformedAnswer(vendor: name, reason: "there is no item \(item)")
    }
    let opened = try await file.index(of: order.version)
    guard opened.version == order.version else { throw changed(item) }
    let part = target.appendingPathExtension("part")
    do {
      let excerpt = try CogExcerpt(
        opened.index,
        under: opened.index.pixels(of: order.draft.rectangles[item], on: order.draft.grid))
      try await fetch(excerpt, of: opened.version, into: part, progress: progress)
      try await cut(part, excerpt.pixels, target)
      try await pool.run { _ = unlink(part.path) }
    } catch let error as VendorError {
      throw error
    } catch is CogFile.Changed {
      throw changed(item)
    } catch is CancellationError {
      throw .cancelled
    } catch let error as PlatformError {
      throw .storage(reason: "\(error)")
    } catch {
      throw .badDelivery(vendor: name, item: item, reason: "\(error)")
    }
  }

  // MARK: - Tiles

  /// Writes the excerpt: its head, and each tile where the head says.
  private func fetch(
    _ excerpt: CogExcerpt, of version: CogVersion, into part: URL,
    progress: @escaping @Sendable (Int64) -> Void
  ) async throws {
    let writer = try await pool.run { try ExcerptFile(part, byteCount: excerpt.byteCount) }
    try await pool.run { try writer.write(Data(excerpt.head), at: 0) }
    var done: Int64 = 0
    for request in Self.requests(excerpt.pieces) {
      let bytes = try await fetched(request.range, of: version)
      try await pool.run {
        for piece in request.pieces {
          let first = bytes.startIndex + Int(piece.source.lowerBound - request.range.lowerBound)
          try writer.write(bytes[first..<first + piece.source.count], at: piece.target)
        }
      }
      done += Int64(bytes.count)
      progress(done)
    }
  }

  private func fetched(_ range: Range<UInt64>, of version: CogVersion) async throws -> Data {
    var pause = Duration.milliseconds(200)
    for _ in 1..<Self.mostAttempts {
      do {
        return try await file.bytes(range, of: version)
      } catch VendorError.unavailable {
        try await Task.sleep(for: pause * Double.random(in: 0.5...1))
        pause *= 4
      }
    }
    return try await file.bytes(range, of: version)
  }

  /// Few ranges for many tiles: near ones together, none longer than the limit.
  static func requests(
    _ pieces: [CogExcerpt.Piece]
  ) -> [(range: Range<UInt64>, pieces: [CogExcerpt.Piece])] {
    var requests: [(range: Range<UInt64>, pieces: [CogExcerpt.Piece])] = []
    let order = pieces.sorted {
      ($0.source.lowerBound, $0.target) < ($1.source.lowerBound, $1.target)
    }
    for piece in order {
      if let last = requests.last {
        let end = max(last.range.upperBound, piece.source.upperBound)
        if piece.source.lowerBound <= last.range.upperBound + largestGap,
          end - last.range.lowerBound <= longestRange
        {
          requests[requests.count - 1] = (last.range.lowerBound..<end, last.pieces + [piece])
          continue
        }
      }
      requests.append((piece.source, [piece]))
    }
    return requests
  }

  /// What is counted of an order: each item is fetched by itself, tiles that two of them share twice.
  private static func quantity(_ draft: OrderDraft, _ index: CogIndex) -> OrderQuantity {
    var quantity = OrderQuantity(draft)
    var (bytes, requests) = (Int64(0), 0)
    for rectangle in draft.rectangles {
      // What lies outside of the picture is refused when the order is quoted.
      guard let pixels = try? index.pixels(of: rectangle, on: draft.grid) else { continue }
      bytes += index.byteCount(under: pixels)
      if let excerpt = try? CogExcerpt(index, under: pixels) {
        requests += Self.requests(excerpt.pieces).count
      }
    }
    quantity.byteCount = bytes
    quantity.requestCount = Int64(requests)
    return quantity
  }

  // MARK: - Orders

  private func kept(_ reference: String) async throws(VendorError) -> CogOrder? {
    do {
      return try await pool.run { [orders] in try orders.order(reference) }
    } catch is CancellationError {
      throw .cancelled
    } catch {
      throw .storage(reason: "order \(reference.prefix(64)) cannot be read: \(error)")
    }
  }

  private func known(_ reference: VendorOrderID) async throws(VendorError) -> CogOrder {
    guard let order = try await kept(reference) else {
      throw .refused(
        vendor: name, status: 404, reason: "there is no order \(reference.prefix(64))")
    }
    return order
  }

  private func refused(_ problem: CogProblem) -> VendorError {
    .refused(vendor: name, status: 422, reason: problem.description)
  }

  private func changed(_ item: Int) -> VendorError {
    .badDelivery(
      vendor: name, item: item, reason: "the file at the server has changed since it was ordered")
  }
}

/// The file that an excerpt is written into.
private final class ExcerptFile: Sendable {
  private let descriptor: Int32
  private let path: String

  init(_ url: URL, byteCount: Int) throws(VendorError) {
    path = url.path
    descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0, ftruncate(descriptor, off_t(byteCount)) == 0 else {
      throw Self.failure(path)
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  func write(_ bytes: Data, at offset: Int) throws(VendorError) {
    let isWritten = bytes.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
        let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        done += count
      }
      return true
    }
    guard isWritten else { throw Self.failure(path) }
  }

  private static func failure(_ path: String) -> VendorError {
    .storage(
      reason: "could not write \(path): \(String(cString: strerror(errno))). Check the space left.")
  }
}
