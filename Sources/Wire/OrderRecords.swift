// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation

/// An order in a list: where it stands and what it holds.
public struct OrderSummaryRecord: Hashable, Sendable, Codable {
  /// The key, by which the vendor knows it too.
  public var key: String
  /// The job.
  public var job: String
  /// The vendor's name in the configuration.
  public var vendor: String
  /// Where it is in its life.
  public var state: OrderState
  /// The vendor's price, once quoted.
  public var price: Money?
  /// What it still holds.
  public var held: Money
  /// What was paid for it.
  public var captured: Money
  /// The vendor's name of it, once known.
  public var vendorOrder: String?
  /// Why it waits for a person, and what to do; absent while it does not.
  public var waiting: Trouble?
  /// When it was drafted.
  public var createdAt: Date
  /// When it last changed.
  public var updatedAt: Date

  /// Creates a record.
  public init(
    key: String, job: String, vendor: String, state: OrderState, price: Money?, held: Money,
    captured: Money, vendorOrder: String?, waiting: Trouble?, createdAt: Date, updatedAt: Date
  ) {
    self.key = key
    self.job = job
    self.vendor = vendor
    self.state = state
    self.price = price
    self.held = held
    self.captured = captured
    self.vendorOrder = vendorOrder
    self.waiting = waiting
    self.createdAt = createdAt
    self.updatedAt = updatedAt
  }
}

/// An order with its whole history.
public struct OrderDetailRecord: Hashable, Sendable, Codable {
  /// One time that it may have left for the vendor.
  public struct Attempt: Hashable, Sendable, Codable {
    /// From 1.
    public let number: Int
    /// When it was written down, which is before it was sent.
    public let at: Date
    /// The SHA-256 of the exact body.
    public let bodySha256: String

    /// Creates an attempt.
    public init(number: Int, at: Date, bodySha256: String) {
      self.number = number
      self.at = at
      self.bodySha256 = bodySha256
    }
  }

  /// One item: one rectangle, one file.
  public struct Item: Hashable, Sendable, Codable {
    /// The index in the order.
    public let number: Int
    /// Where it is: `pending`, `stored`, `captured` or `failed`.
    public let state: String
    /// How many patches it has.
    public let patchCount: Int
    /// What was paid, once it was.
    public let charge: Money?
    /// The file's length, once stored.
    public let byteCount: Int64?
    /// The file's SHA-256, once stored.
    public let sha256: String?

    /// Creates an item.
    public init(
      number: Int, state: String, patchCount: Int, charge: Money?, byteCount: Int64?,
      sha256: String?
    ) {
      self.number = number
      self.state = state
      self.patchCount = patchCount
      self.charge = charge
      self.byteCount = byteCount
      self.sha256 = sha256
    }
  }

  /// Something that happened.
  public struct Event: Hashable, Sendable, Codable {
    /// When.
    public let at: Date
    /// The order's state afterwards.
    public let state: OrderState
    /// What there is to say: the vendor's word, a reason.
    public let note: String?
    /// Who: a user, or a part of the daemon.
    public let actor: String

    /// Creates an event.
    public init(at: Date, state: OrderState, note: String?, actor: String) {
      self.at = at
      self.state = state
      self.note = note
      self.actor = actor
    }
  }

  /// A charge that is not the agreed one.
  public struct Dispute: Hashable, Sendable, Codable {
    /// What the vendor charges.
    public let charged: Money
    /// What was held.
    public let agreed: Money
    /// What was set aside from the budget.
    public let setAside: Money
    /// What the vendor asks for outside the budget.
    public let claim: Money
    /// What is wrong.
    public let reason: String
    /// `pay` or `credit`; absent while it is open.
    public let outcome: String?

    /// Creates a dispute.
    public init(
      charged: Money, agreed: Money, setAside: Money, claim: Money, reason: String,
      outcome: String?
    ) {
      self.charged = charged
      self.agreed = agreed
      self.setAside = setAside
      self.claim = claim
      self.reason = reason
      self.outcome = outcome
    }
  }

  /// Where it stands.
  public let order: OrderSummaryRecord
  /// The product at the vendor.
  public let product: String
  /// The area of the patches, in square kilometres.
  public let neededKm2: Double
  /// The area that the vendor bills, in square kilometres, where it says so.
  public let billedKm2: Double?
  /// Until when the quote is good, where the vendor says so.
  public let quoteValidUntil: Date?
  /// The attempts to send it.
  public let attempts: [Attempt]
  /// The items, by number.
  public let items: [Item]
  /// The entries of the ledger.
  public let entries: [LedgerEntryRecord]
  /// What happened, oldest first.
  public let events: [Event]
  /// The newest dispute.
  public let dispute: Dispute?

  /// Creates a record.
  public init(
    order: OrderSummaryRecord, product: String, neededKm2: Double, billedKm2: Double?,
    quoteValidUntil: Date?, attempts: [Attempt], items: [Item], entries: [LedgerEntryRecord],
    events: [Event], dispute: Dispute?
  ) {
    self.order = order
    self.product = product
    self.neededKm2 = neededKm2
    self.billedKm2 = billedKm2
    self.quoteValidUntil = quoteValidUntil
    self.attempts = attempts
    self.items = items
    self.entries = entries
    self.events = events
    self.dispute = dispute
  }
}

/// What a person has found out about an order that waits.
public struct OrderResolutionRequest: Hashable, Sendable, Codable {
  /// The ways to end doubt or dispute.
  public enum Decision: String, Hashable, Sendable, Codable, CaseIterable {
    /// The vendor has it; `vendor_order` is its name there.
    case accepted
    /// The vendor never got it.
    case neverArrived = "never_arrived"
    /// The dispute ends by paying; `amount` for the whole order, or what the vendor charged.
    case pay
    /// The vendor asks for nothing more.
    case credit
  }

  /// What was found out.
  public let decision: Decision
  /// The vendor's name of the order, for `accepted`.
  public let vendorOrder: String?
  /// What is paid for the whole order, for `pay`.
  public let amount: Money?
  /// Why; kept with the order.
  public let reason: String

  /// Creates a request.
  public init(decision: Decision, vendorOrder: String?, amount: Money?, reason: String) {
    self.decision = decision
    self.vendorOrder = vendorOrder
    self.amount = amount
    self.reason = reason
  }
}
