// SPDX-License-Identifier: Apache-2.0

/// A ``Fault``, when it happens and how often.
///
/// ```swift
/// let rule = FaultRule("submit:lost-answer:1")
/// ```
public struct FaultRule: Hashable, Sendable, CustomStringConvertible {
  /// The call, or the work, that it happens to.
  public enum Phase: String, Hashable, Sendable, CaseIterable {
    /// `POST /v1/quotes`.
    case quote
    /// `POST /v1/orders`.
    case submit
    /// `GET /v1/orders` and `GET /v1/orders?reference=KEY`.
    case lookup
    /// `GET /v1/orders/ID`.
    case status
    /// `GET /v1/orders/ID/deliveries`.
    case deliveries
    /// `GET /v1/orders/ID/items/N`.
    case download
    /// `POST /v1/orders/ID/cancel`.
    case cancel
    /// No call: the vendor cuts an order and sells it.
    case fulfil
  }

  /// What it happens to.
  public let phase: Phase
  /// What happens.
  public let fault: Fault
  /// How often; nil for always.
  public var times: Int?
  /// Only to the order that was the vendor's n-th, from 1 on.
  public var order: Int?
  /// Only to this item; where a call is about a whole order, the item of it that is changed.
  public var item: Int?
  /// Only to the n-th call of the phase for one order and item, from 1 on.
  public var attempt: Int?
  /// To so many calls of a hundred, drawn from the script's seed.
  public var chancePercent = 100
  /// The fault's settings, which ``Fault`` names.
  public var settings: [String: String]

  /// Creates a rule.
  public init(
    _ phase: Phase, _ fault: Fault, times: Int? = 1, settings: [String: String] = [:]
  ) {
    self.phase = phase
    self.fault = fault
    self.times = times
    self.settings = settings
  }

  /// Reads `PHASE:FAULT:TIMES`, where the fault may be a status; nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, let phase = Phase(rawValue: String(parts[0])),
      let times = Int(parts[2]), times > 0
    else { return nil }
    let word = String(parts[1])
    if let fault = Fault(rawValue: word) {
      self.init(phase, fault, times: times)
    } else {
      self.init(phase, .status, times: times, settings: ["code": word])
    }
    guard problem == nil else { return nil }
  }

  /// What is wrong with it, and what to do; nil for a rule that can be played.
  var problem: String? {
    guard fault.phases.contains(phase) else {
      let phases = fault.phases.map(\.rawValue).sorted().joined(separator: ", ")
      return "\(fault.rawValue) does not happen at \(phase.rawValue). Use it at \(phases)."
    }
    for (name, value) in settings.sorted(by: { $0.key < $1.key }) {
      guard let setting = fault.settings[name] else {
        let names = fault.settings.keys.sorted().joined(separator: ", ")
        return "\(fault.rawValue) has no setting \(name). "
          + (names.isEmpty ? "It takes none." : "It takes \(names).")
      }
      guard setting.allows(value) else {
        return "\(name) of \(fault.rawValue) cannot be \"\(value)\". Give \(setting.words)."
      }
    }
    if fault == .status && settings["code"] == nil {
      return "status needs a code. Write with: {code: 503}."
    }
    let counts = [times, order, attempt].compactMap { $0 }
    guard counts.allSatisfy({ $0 > 0 }), item ?? 0 >= 0, (1...100).contains(chancePercent) else {
      return "times, order and attempt begin with 1, item with 0, and chance is 1 to 100."
    }
    return nil
  }

  /// The phase, the fault and how often, as ``init(_:)`` reads them.
  public var description: String {
    let word = fault == .status ? settings["code"] ?? "status" : fault.rawValue
    return "\(phase.rawValue):\(word):\(times.map(String.init) ?? "always")"
  }

  func integer(_ name: String) -> Int? { settings[name].flatMap { Int($0) } }
}
