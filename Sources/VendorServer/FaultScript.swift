// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Something that shall go wrong, and how often.
///
/// ```swift
/// let rule = FaultRule("submit:lost-answer:1")
/// ```
public struct FaultRule: Hashable, Sendable, CustomStringConvertible {
  /// The call that it happens to.
  public enum Phase: String, Hashable, Sendable, CaseIterable {
    /// `POST /v1/quotes`.
    case quote
    /// `POST /v1/orders`.
    case submit
    /// `GET /v1/orders?reference=KEY`.
    case lookup
    /// `GET /v1/orders/ID`.
    case status
    /// `GET /v1/orders/ID/deliveries`.
    case deliveries
    /// `GET /v1/orders/ID/items/N`.
    case download
    /// `POST /v1/orders/ID/cancel`.
    case cancel
  }

  /// What happens.
  public enum Fault: Hashable, Sendable, CustomStringConvertible {
    /// The call is done, and the connection is closed without an answer.
    case lostAnswer
    /// The call is not done, and refused.
    case refuse
    /// The call is not done, and answered with this status: 400 to 599.
    case status(Int)
    /// Half the body is sent, then the connection is closed; downloads only.
    case cut
    /// The body has the right length and wrong bytes; downloads only.
    case corrupt

    init?(_ text: Substring, in phase: Phase) {
      switch text {
      case "lost-answer": self = .lostAnswer
      case "refuse": self = .refuse
      case "cut" where phase == .download: self = .cut
      case "corrupt" where phase == .download: self = .corrupt
      default:
        guard let code = Int(text), (400...599).contains(code) else { return nil }
        self = .status(code)
      }
    }

    /// The word of the command line.
    public var description: String {
      switch self {
      case .lostAnswer: "lost-answer"
      case .refuse: "refuse"
      case .status(let code): "\(code)"
      case .cut: "cut"
      case .corrupt: "corrupt"
      }
    }
  }

  /// The call that it happens to.
  public let phase: Phase
  /// What happens.
  public let fault: Fault
  /// To how many calls, from the first on.
  public let times: Int

  /// Creates a rule.
  public init(phase: Phase, fault: Fault, times: Int) {
    self.phase = phase
    self.fault = fault
    self.times = times
  }

  /// Reads `PHASE:FAULT:TIMES`; nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, let phase = Phase(rawValue: String(parts[0])),
      let fault = Fault(parts[1], in: phase), let times = Int(parts[2]), times > 0
    else { return nil }
    self.init(phase: phase, fault: fault, times: times)
  }

  /// What ``init(_:)`` reads.
  public var description: String { "\(phase.rawValue):\(fault):\(times)" }
}

/// The faults that are still to come.
final class FaultScript: Sendable {
  private let rules: Mutex<[FaultRule]>

  init(_ rules: [FaultRule]) { self.rules = Mutex(rules) }

  /// The fault of this call of a phase, which is then used up.
  func take(_ phase: FaultRule.Phase) -> FaultRule.Fault? {
    rules.withLock { rules in
      guard let place = rules.firstIndex(where: { $0.phase == phase }) else { return nil }
      let rule = rules[place]
      if rule.times == 1 {
        rules.remove(at: place)
      } else {
        rules[place] = FaultRule(phase: phase, fault: rule.fault, times: rule.times - 1)
      }
      return rule.fault
    }
  }
}
