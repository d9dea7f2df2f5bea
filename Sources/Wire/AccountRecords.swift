// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation

/// A reason, where one is all that a request says.
public struct ReasonRequest: Hashable, Sendable, Codable {
  /// The reason.
  public let reason: String

  /// Creates a request.
  public init(reason: String) { self.reason = reason }
}

/// A vendor that gets no new orders until a person releases it.
public struct FreezeRecord: Hashable, Sendable, Codable {
  /// The vendor's name in the configuration.
  public let vendor: String
  /// Why.
  public let reason: String
  /// Since when.
  public let at: Date

  /// Creates a record.
  public init(vendor: String, reason: String, at: Date) {
    self.vendor = vendor
    self.reason = reason
    self.at = at
  }
}

/// Money that a vendor says it has given back.
public struct RefundNote: Hashable, Sendable, Codable {
  /// The vendor's name in the configuration.
  public let vendor: String
  /// The vendor's name of the refund.
  public let id: String
  /// The vendor's name of the order.
  public let vendorOrder: String
  /// Our key of the order, where it is one of ours.
  public let order: String?
  /// How much.
  public let amount: Money
  /// The ledger's entry; absent when it is listed only.
  public let entry: Int64?
  /// Why it is not booked.
  public let obstacle: String?

  /// Creates a record.
  public init(
    vendor: String, id: String, vendorOrder: String, order: String?, amount: Money, entry: Int64?,
    obstacle: String?
  ) {
    self.vendor = vendor
    self.id = id
    self.vendorOrder = vendorOrder
    self.order = order
    self.amount = amount
    self.entry = entry
    self.obstacle = obstacle
  }
}

/// What came of comparing our orders with a vendor's.
public struct ReconciliationRecord: Hashable, Sendable, Codable {
  /// One order on which both sides differ.
  public struct Difference: Hashable, Sendable, Codable {
    /// `amount_differs`, `ours_only` or `theirs_only`.
    public let finding: String
    /// Our key, where it is one of ours.
    public let order: String?
    /// The vendor's name of it.
    public let vendorOrder: String?
    /// What the ledger paid.
    public let paid: Money?
    /// What the vendor says it charged.
    public let charged: Money?

    /// Creates a difference.
    public init(
      finding: String, order: String?, vendorOrder: String?, paid: Money?, charged: Money?
    ) {
      self.finding = finding
      self.order = order
      self.vendorOrder = vendorOrder
      self.paid = paid
      self.charged = charged
    }
  }

  /// The vendor's name in the configuration.
  public let vendor: String
  /// When.
  public let at: Date
  /// How many orders agree.
  public let matchedCount: Int
  /// Every order that does not.
  public let differences: [Difference]

  /// Creates a record.
  public init(vendor: String, at: Date, matchedCount: Int, differences: [Difference]) {
    self.vendor = vendor
    self.at = at
    self.matchedCount = matchedCount
    self.differences = differences
  }
}

/// A copy of the ledger.
public struct BackupRecord: Hashable, Sendable, Codable {
  /// The folder on the daemon's machine.
  public let folder: String
  /// How many entries the copy has; its chain was checked.
  public let entryCount: Int

  /// Creates a record.
  public init(folder: String, entryCount: Int) {
    self.folder = folder
    self.entryCount = entryCount
  }
}
