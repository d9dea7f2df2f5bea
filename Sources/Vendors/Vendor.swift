// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation
public import Planning
import Platform

/// The name of an order that we give: a UUID of version 7, made with the draft, sent with every
/// attempt and never used for another body.
public typealias OrderKey = UUID

/// The name of an order that the vendor gives.
public typealias VendorOrderID = String

/// Somebody who sells imagery, as one flow: quote, submit, status, deliveries, download.
///
/// An adapter translates; it decides nothing about money. What a vendor's interface can do is in
/// ``capabilities``, and the conformance suite of the tests holds an adapter to it.
///
/// ```swift
/// let quote = try await vendor.quote(draft)
/// let submission = try vendor.submission(for: draft, quote: quote, key: key)
/// // ... the hold and the digest of the submission become durable here ...
/// let receipt = try await vendor.submit(submission)
/// ```
public protocol Vendor: Sendable {
  /// The vendor's name in the configuration.
  var name: String { get }
  /// What the vendor's interface can do.
  var capabilities: VendorCapabilities { get }

  /// How the vendor counts orders of patches on a grid, for its price rule: read from the vendor
  /// where it takes more than geometry.
  ///
  /// - Throws: `VendorError.refused` where the product is not on the grid.
  func measure(on grid: ChipGrid) async throws(VendorError) -> OrderMeasure

  /// Asks for a price. No money is involved; safe to repeat.
  func quote(_ draft: OrderDraft) async throws(VendorError) -> Quote

  /// The exact bytes of an order, made without the network: the same arguments give the same
  /// bytes, so that an order can be sent again after a restart.
  func submission(
    for draft: OrderDraft, quote: Quote, key: OrderKey
  ) throws(VendorError) -> Submission

  /// Orders. At most one call a key unless ``VendorCapabilities/repeatSafeSubmit`` says otherwise.
  ///
  /// The price of the receipt is the vendor's word; comparing it with the quote is the caller's.
  func submit(_ submission: Submission) async throws(SubmitError) -> Receipt

  /// The orders that the vendor has under our key: none, one or more.
  func lookUp(_ key: OrderKey) async throws(VendorError) -> [Receipt]

  /// Where an order stands, item by item, and what it has cost so far.
  func status(_ order: VendorOrderID) async throws(VendorError) -> StatusReport

  /// The items that can be fetched now, with fresh links.
  func deliveries(_ order: VendorOrderID) async throws(VendorError) -> [Delivery]

  /// Fetches an item into `file`, which is complete and verified or absent.
  ///
  /// An earlier attempt's part, `file` with `.part` added, is continued where the vendor allows.
  ///
  /// - Parameter progress: called now and then with the bytes that are there, on any thread.
  /// - Throws: `VendorError.badDelivery` when length or SHA-256 differ; the part is then removed.
  func download(
    _ delivery: Delivery, to file: URL, progress: @escaping @Sendable (Int64) -> Void
  ) async throws(VendorError)

  /// Asks for an order's end. A request, not a fact: ``status(_:)`` tells what became of it.
  func cancel(_ order: VendorOrderID) async throws(VendorError) -> CancelAnswer

  /// The account's orders since a time, what they cost, and what was given back, oldest first.
  ///
  /// - Throws: `VendorError.refused` with status 501 where the interface has no such list.
  func statement(since date: Date) async throws(VendorError) -> VendorStatement

  /// What the vendor says of its interface, to be compared with ``capabilities``, which a person
  /// wrote down; nil where the interface does not say.
  func announcedCapabilities() async throws(VendorError) -> VendorCapabilities?
}

extension Vendor {
  /// Says nothing.
  public func announcedCapabilities() async throws(VendorError) -> VendorCapabilities? { nil }

  /// Says that there is no list.
  public func statement(since date: Date) async throws(VendorError) -> VendorStatement {
    throw .refused(
      vendor: name, status: 501, reason: "its interface has no list of orders to compare with")
  }
}

/// A vendor's price for a draft.
public struct Quote: Hashable, Sendable, Codable {
  // Written as words of their own: the coder's spelling of "ID" would not be found again.
  private enum CodingKeys: String, CodingKey {
    case price
    case validUntil
    case vendorQuoteID = "vendorQuoteId"
    case areaSquareMillimetres
  }

  /// The price of the whole order.
  public let price: Money
  /// Until when the vendor keeps to it, if it says so.
  public let validUntil: Date?
  /// The vendor's name of the quote, if it has one.
  public let vendorQuoteID: String?
  /// The area that the vendor bills, in square millimetres, if it says so.
  public let areaSquareMillimetres: Int64?

  /// Creates a quote.
  public init(
    price: Money, validUntil: Date? = nil, vendorQuoteID: String? = nil,
    areaSquareMillimetres: Int64? = nil
  ) {
    self.price = price
    self.validUntil = validUntil
    self.vendorQuoteID = vendorQuoteID
    self.areaSquareMillimetres = areaSquareMillimetres
  }
}

/// An order as it leaves: our key and the exact bytes of the body.
public struct Submission: Hashable, Sendable {
  /// Our name of the order.
  public let key: OrderKey
  /// The body.
  public let body: Data

  /// Creates a submission.
  public init(key: OrderKey, body: Data) {
    self.key = key
    self.body = body
  }

  /// The SHA-256 of the body, 64 hexadecimal digits: what the ledger keeps of it.
  public var digest: String { Digest.sha256(body) }
}

/// The vendor's word that it has an order.
public struct Receipt: Hashable, Sendable, Codable {
  /// The vendor's name of the order.
  public let vendorOrderID: VendorOrderID
  /// Where the order stands.
  public let state: VendorOrderState
  /// The price that the vendor has put on it, if it says so.
  public let price: Money?

  /// Creates a receipt.
  public init(vendorOrderID: VendorOrderID, state: VendorOrderState, price: Money?) {
    self.vendorOrderID = vendorOrderID
    self.state = state
    self.price = price
  }
}

/// A vendor's answer to a cancellation.
public enum CancelAnswer: Hashable, Sendable {
  /// It will try, or has already; the status decides.
  case requested
  /// It will not; the reason in its words.
  case declined(reason: String)
}
