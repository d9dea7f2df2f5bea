// SPDX-License-Identifier: Apache-2.0

/// Where an order is in its life; money moves only with a change of this state or of an item's.
public enum OrderState: String, Hashable, Sendable, Codable, CaseIterable {
  /// What to buy is fixed, and the key is made; no money is involved.
  case drafted
  /// The vendor has named a price.
  case quoted
  /// The price is held in the ledger; nothing has been sent.
  case held
  /// The order may have left for the vendor.
  case submitting
  /// Whether the vendor has the order is not known; the hold stays.
  case inDoubt = "in_doubt"
  /// The vendor has accepted.
  case accepted
  /// The vendor works on it.
  case running
  /// Items are being downloaded.
  case delivering
  /// All items are stored, verified and paid.
  case settled
  /// What came is paid, the rest is released.
  case settledInPart = "settled_in_part"
  /// A cancellation was asked for.
  case cancelling
  /// The vendor has cancelled; the hold is released.
  case cancelled
  /// The vendor said no, or the offer lapsed; the hold is released.
  case refused
  /// It ended badly; the hold is released.
  case failed
  /// A person must decide; what is held stays held.
  case parked

  /// Whether nothing more will happen by itself or by a person's decision.
  public var isFinal: Bool {
    [.settled, .settledInPart, .cancelled, .refused, .failed].contains(self)
  }
}
