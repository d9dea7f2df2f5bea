// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation
public import Vendors

/// A vendor, with what its price list says an order costs.
public struct Seller: Sendable {
  /// The vendor, behind its circuit: keep one seller for each vendor, for all jobs.
  let vendor: GuardedVendor
  /// The price of a draft by the price list, which the vendor's quote is compared with.
  public let listPrice: @Sendable (OrderDraft) async throws -> Money
  /// The wait before the second status call; each later one is longer.
  let firstPoll: Duration

  /// Whether the vendor has failed again and again, and is left alone for a while.
  public var isLeftAlone: Bool { vendor.isOpen }

  /// Creates a seller.
  ///
  /// - Parameters:
  ///   - isLocal: whether the vendor is on this machine, where asking often costs nobody anything.
  ///   - clock: the time by which failures in a row are judged.
  public init(
    vendor: any Vendor, isLocal: Bool = false, clock: PurchaseClock = .system(),
    listPrice: @escaping @Sendable (OrderDraft) async throws -> Money
  ) {
    self.vendor = GuardedVendor(vendor, instant: clock.instant)
    self.listPrice = listPrice
    firstPoll = isLocal ? .milliseconds(40) : .seconds(2)
  }
}

/// A file that passed every check and is durable.
public struct StoredFile: Hashable, Sendable {
  /// The SHA-256, 64 hexadecimal digits.
  public let sha256: String
  /// The length.
  public let byteCount: Int64

  /// Creates a description.
  public init(sha256: String, byteCount: Int64) {
    self.sha256 = sha256
    self.byteCount = byteCount
  }
}

/// An item's file in its place.
public struct StoredItem: Hashable, Sendable {
  /// The item's index among the draft's rectangles.
  public let number: Int
  /// Where the file is, relative to the state directory.
  public let path: String
  /// The file.
  public let file: StoredFile

  /// Creates a description.
  public init(number: Int, path: String, file: StoredFile) {
    self.number = number
    self.path = path
    self.file = file
  }
}

/// Why a delivered file is not what was ordered.
public struct DeliveryRejection: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong with it.
  public let description: String

  /// Creates a rejection.
  public init(_ description: String) { self.description = description }
}

/// Turns a downloaded file into a clean one at a place of its own, or rejects it.
///
/// It gets the downloaded file, the draft, the item's number and where the clean file goes; what it
/// returns is durable. It throws ``DeliveryRejection`` for bytes that are not what was ordered.
public typealias DeliveryReceiver =
  @Sendable (_ download: URL, _ draft: OrderDraft, _ item: Int, _ clean: URL) async throws ->
  StoredFile
