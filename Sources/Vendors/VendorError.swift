// SPDX-License-Identifier: Apache-2.0

/// Why a call that moves no money did not succeed.
///
/// Only `rateLimited` and `unavailable` are worth another try as they are.
public enum VendorError: Error, Hashable, CustomStringConvertible {
  /// Too many requests; `retryAfter` is the vendor's word, capped at one hour.
  case rateLimited(vendor: String, retryAfter: Duration?)
  /// The account's quota or credit is used up.
  case quotaExhausted(vendor: String, reason: String)
  /// The vendor said no, in its words.
  case refused(vendor: String, status: Int, reason: String)
  /// The vendor could not be reached, or had a failure of its own.
  case unavailable(vendor: String, reason: String)
  /// The answer was not what the interface promises.
  case malformedAnswer(vendor: String, reason: String)
  /// An item came with another length or other bytes than announced.
  case badDelivery(vendor: String, item: Int, reason: String)
  /// Our own entry for the vendor is wrong.
  case misconfigured(vendor: String, reason: String)
  /// A file of ours could not be written.
  case storage(reason: String)
  /// The calling task was cancelled.
  case cancelled

  /// Whether the same call may succeed later without anybody doing anything.
  public var isTransient: Bool {
    switch self {
    case .rateLimited, .unavailable: true
    default: false
    }
  }

  /// What happened, and what to do.
  public var description: String {
    switch self {
    case .rateLimited(let vendor, let delay):
      "\(vendor) asks for fewer requests. It is tried again "
        + (delay.map { "in \($0.components.seconds) s." } ?? "later.")
    case .quotaExhausted(let vendor, let reason):
      "the account at \(vendor) has nothing left: \(reason). Add credit or wait for the quota, "
        + "then retry the job."
    case .refused(let vendor, let status, let reason):
      "\(vendor) refused (\(status)): \(reason). Correct what it names, then submit again."
    case .unavailable(let vendor, let reason):
      "\(vendor) cannot be reached: \(reason). Check that it runs and that its url in the "
        + "configuration is right."
    case .malformedAnswer(let vendor, let reason):
      "\(vendor) gave an answer that is not its interface's: \(reason). Check the url in the "
        + "configuration, or report it to the vendor."
    case .badDelivery(let vendor, let item, let reason):
      "item \(item) from \(vendor) is damaged: \(reason). It is fetched again; if it stays so, "
        + "dispute the order with the vendor."
    case .misconfigured(let vendor, let reason):
      "the entry of \(vendor) in the configuration is wrong: \(reason)"
    case .storage(let reason): reason
    case .cancelled: "the work was cancelled. Start it again to go on."
    }
  }
}

/// What is known of an order whose submission did not end with a receipt.
public enum SubmitError: Error, Hashable, CustomStringConvertible {
  /// No byte of the order left; sending it again is safe.
  case notSent(reason: String)
  /// The vendor said no with a status that it documents as "not created".
  case refused(status: Int, reason: String)
  /// The vendor may have the order: look it up before anything else.
  case unknown(reason: String)

  /// What happened, and what to do.
  public var description: String {
    switch self {
    case .notSent(let reason):
      "the order was not sent: \(reason). It is sent again when the vendor can be reached."
    case .refused(let status, let reason):
      "the vendor refused the order (\(status)): \(reason). Nothing was bought; correct what it "
        + "names, then submit the job again."
    case .unknown(let reason):
      "whether the vendor has the order is not known: \(reason). It is looked up by its key; "
        + "nothing is sent a second time before that."
    }
  }
}
