// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation

/// An order to be written down: what, for which job, from which budget.
public struct NewOrder: Hashable, Sendable {
  /// The key, made once and sent with every attempt.
  public let key: UUID
  /// The job.
  public let job: UUID
  /// The budget that pays.
  public let budget: String
  /// What is ordered.
  public let draft: OrderDraft

  /// Creates an order that nobody has been asked about.
  public init(key: UUID, job: UUID, budget: String, draft: OrderDraft) {
    self.key = key
    self.job = job
    self.budget = budget
    self.draft = draft
  }
}

/// The price that a vendor named for an order.
public struct RecordedQuote: Hashable, Sendable, Codable {
  /// The price of the whole order.
  public let price: Money
  /// Until when the vendor stands by it; nil where the vendor does not say.
  public let validUntil: Date?
  /// The vendor's answer, for the adapter to read again.
  public let document: Data

  /// Creates a quote.
  public init(price: Money, validUntil: Date?, document: Data) {
    self.price = price
    self.validUntil = validUntil
    self.document = document
  }
}

/// One time that an order may have left for the vendor.
public struct OrderAttempt: Hashable, Sendable, Codable {
  /// From 1.
  public let number: Int
  /// The SHA-256 of the exact body, hexadecimal; the same in every attempt of an order.
  public let bodyDigest: String
  /// When it was written down, which is before it was sent.
  public let at: Date
}

/// Where a delivered item is.
public enum OrderItemState: String, Hashable, Sendable, Codable, CaseIterable {
  /// Not here yet.
  case pending
  /// The file is here, verified and durable; it is not paid.
  case stored
  /// The file is paid; its patches are owned.
  case captured
  /// It will not come; its patches are free again.
  case failed
}

/// One item of an order: one rectangle, one file.
public struct OrderItemRecord: Hashable, Sendable, Codable {
  /// The index of the rectangle in the draft.
  public let number: Int
  /// Where it is.
  public let state: OrderItemState
  /// The file, relative to the state directory, once stored.
  public let path: String?
  /// The file's SHA-256, hexadecimal.
  public let sha256: String?
  /// The file's length.
  public let byteCount: Int64?
  /// What was paid, once captured.
  public let charge: Money?
}

/// Why an order waits for a person.
public struct Parking: Hashable, Sendable, Codable {
  /// What happened.
  public let reason: String
  /// What the person can do.
  public let remedy: String
}

/// An order with everything that is durable about it.
public struct OrderRecord: Hashable, Sendable, Codable {
  /// The key.
  public let key: UUID
  /// The job.
  public let job: UUID
  /// The budget that pays.
  public let budget: String
  /// What is ordered.
  public let draft: OrderDraft
  /// Where the order is in its life.
  public let state: OrderState
  /// The vendor's price, once quoted.
  public let quote: RecordedQuote?
  /// The vendor's id of the order, once known.
  public let vendorOrderID: String?
  /// Why it is parked, if it is.
  public let parking: Parking?
  /// The newest dispute about what the vendor charges for it, open or closed.
  public let dispute: DisputeRecord?
  /// The attempts to send it, oldest first.
  public let attempts: [OrderAttempt]
  /// The items, by number; one for each rectangle of the draft.
  public let items: [OrderItemRecord]
  /// What the order still holds.
  public let held: Money
  /// What was paid for it: captures and settled disputes less refunds.
  public let captured: Money
  /// When it was drafted.
  public let createdAt: Date
  /// When it last changed.
  public let updatedAt: Date

  /// The vendor's name in the configuration.
  public var vendor: String { draft.product.vendor }
}

/// Where the pixels of an owned patch are.
public struct OwnedPatch: Hashable, Sendable, Codable {
  /// The order that bought it.
  public let order: UUID
  /// The item of that order.
  public let item: Int
  /// The item's ground, in patches.
  public let rectangle: PatchRectangle
  /// The item's file, relative to the state directory.
  public let path: String
  /// The file's SHA-256, hexadecimal.
  public let sha256: String
}
