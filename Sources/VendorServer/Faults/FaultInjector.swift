// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import Platform
import Synchronization

/// Plays a script: says of each call what shall go wrong with it, and keeps a record.
final class FaultInjector: Sendable {
  /// What a fault can happen to.
  struct Call: Hashable {
    var phase: FaultRule.Phase
    /// The place of the order among the vendor's, from 1 on.
    var order: Int?
    var item: Int?
  }

  /// Something that was done, for the record.
  struct Event: Encodable {
    let at: Date
    let when: String
    let fault: String
    let order: Int?
    let item: Int?
    let attempt: Int
    let with: [String: String]
  }

  struct Rule: Encodable {
    let rule: String
    let injected: Int
    /// Nil for a rule that never ends.
    let left: Int?
  }

  /// What `GET /faults` answers.
  struct Record: Encodable {
    let seed: UInt64
    /// How often each phase was reached, with and without faults.
    let calls: [String: Int]
    let rules: [Rule]
    let injected: [Event]
  }

  private struct State {
    var generator: SeededGenerator
    var injectedCounts: [Int]
    var attempts: [Call: Int] = [:]
    var callCounts: [FaultRule.Phase: Int] = [:]
    var events: [Event] = []
  }

  let script: FaultScript
  private let logger: Logger
  private let now: @Sendable () -> Date
  private let state: Mutex<State>

  init(_ script: FaultScript, logger: Logger, now: @escaping @Sendable () -> Date) {
    self.script = script
    self.logger = logger
    self.now = now
    state = Mutex(
      State(
        generator: SeededGenerator(seed: script.seed),
        injectedCounts: Array(repeating: 0, count: script.rules.count)))
  }

  /// The faults of this call, which are then used up.
  func take(_ call: Call) -> CallFaults {
    let (taken, attempt) = state.withLock { state in
      state.callCounts[call.phase, default: 0] += 1
      state.attempts[call, default: 0] += 1
      let attempt = state.attempts[call, default: 0]
      return (take(call, attempt: attempt, &state), attempt)
    }
    for rule in taken {
      logger.notice(
        "fault",
        metadata: [
          "phase": "\(call.phase.rawValue)", "fault": "\(rule)",
          "order": "\(call.order.map(String.init) ?? "-")",
          "item": "\((rule.item ?? call.item).map(String.init) ?? "-")", "attempt": "\(attempt)",
        ])
    }
    return CallFaults(rules: taken)
  }

  private func take(_ call: Call, attempt: Int, _ state: inout State) -> [FaultRule] {
    var taken: [(index: Int, rule: FaultRule)] = []
    var slots: Set<Slot> = []
    for (index, rule) in script.rules.enumerated()
    where rule.times.map({ state.injectedCounts[index] < $0 }) ?? true {
      guard rule.fits(call, attempt: attempt), !slots.contains(Slot(rule)) else { continue }
      guard
        rule.chancePercent == 100
          || Int.random(in: 1...100, using: &state.generator) <= rule.chancePercent
      else { continue }
      // What keeps the call from being done leaves the other faults to the next call.
      if rule.fault.stage == .instead { taken.removeAll() }
      slots.insert(Slot(rule))
      taken.append((index, rule))
      if rule.fault.stage == .instead { break }
    }
    for (index, rule) in taken {
      state.injectedCounts[index] += 1
      state.events.append(
        Event(
          at: now(), when: call.phase.rawValue, fault: rule.fault.rawValue, order: call.order,
          item: rule.item ?? call.item, attempt: attempt, with: rule.settings))
    }
    return taken.map(\.rule)
  }

  /// What can happen once to a call.
  private struct Slot: Hashable {
    let stage: Fault.Stage
    var fault: Fault?
    var item: Int?

    init(_ rule: FaultRule) {
      stage = rule.fault.stage
      if stage == .books || stage == .document { (fault, item) = (rule.fault, rule.item) }
    }
  }

  /// What has happened so far.
  var record: Record {
    state.withLock { state in
      Record(
        seed: script.seed,
        calls: Dictionary(
          uniqueKeysWithValues: state.callCounts.map { ($0.key.rawValue, $0.value) }),
        rules: zip(script.rules, state.injectedCounts).map { rule, count in
          Rule(rule: rule.description, injected: count, left: rule.times.map { $0 - count })
        }, injected: state.events)
    }
  }
}

/// What shall go wrong with one call.
struct CallFaults: Sendable {
  let rules: [FaultRule]

  subscript(_ fault: Fault) -> FaultRule? { rules.first { $0.fault == fault } }

  /// The fault of a kind of which a call has at most one.
  subscript(_ stage: Fault.Stage) -> FaultRule? { rules.first { $0.fault.stage == stage } }

  /// The rule for an item of an order that is worked on: one that names it, or one that names none.
  func rule(_ fault: Fault, item: Int) -> FaultRule? {
    rules.first { $0.fault == fault && ($0.item == item || $0.item == nil) }
  }
}

extension FaultRule {
  fileprivate func fits(_ call: FaultInjector.Call, attempt: Int) -> Bool {
    phase == call.phase && (order == nil || order == call.order)
      && (item == nil || call.item == nil || item == call.item)
      && (self.attempt == nil || self.attempt == attempt)
  }
}
