// SPDX-License-Identifier: Apache-2.0

public import Foundation
internal import Yams

/// Everything that shall go wrong at a vendor's.
///
/// ```yaml
/// seed: 7                       # draws the chances; a plain list of rules has seed 0
/// faults:
///   - {when: submit, fault: lost-answer}
///   - {when: status, fault: 429, times: 3, with: {retry_after: "2"}}
///   - {when: download, fault: corrupt, order: 2, item: 0, attempt: 1}
///   - {when: download, fault: cut, times: always, chance: 20}
/// ```
///
/// A call meets the first rule that fits it and is not used up, of each kind of fault one; so a
/// lost answer and a wrong price happen to the same call, and two statuses to two calls.
public struct FaultScript: Hashable, Sendable, ExpressibleByArrayLiteral {
  /// What the chances are drawn from.
  public let seed: UInt64
  /// The rules; the first that fits wins.
  public let rules: [FaultRule]

  /// Creates a script.
  public init(_ rules: [FaultRule], seed: UInt64 = 0) {
    self.rules = rules
    self.seed = seed
  }

  /// Creates a script from rules.
  public init(arrayLiteral rules: FaultRule...) { self.init(rules) }

  /// Reads a file.
  ///
  /// - Throws: `VendorServerError.faults`.
  public init(contentsOf file: URL) throws(VendorServerError) {
    let text: String
    do {
      text = try String(contentsOf: file, encoding: .utf8)
    } catch {
      throw .faults(reason: "\(file.path) cannot be read as UTF-8")
    }
    try self.init(yaml: text)
  }

  /// Reads a list of rules, or a mapping with `seed` and `faults`, in YAML or JSON.
  ///
  /// - Throws: `VendorServerError.faults`, with the rule's number.
  public init(yaml text: String) throws(VendorServerError) {
    let root: Any?
    do {
      root = try Yams.load(yaml: text)
    } catch {
      throw .faults(reason: "the script is not YAML: \(error)")
    }
    let (seed, list) = try Self.parts(root)
    var rules: [FaultRule] = []
    for (index, element) in list.enumerated() {
      guard let fields = element as? [String: Any] else {
        throw .faults(reason: "rule \(index + 1) is not a mapping")
      }
      rules.append(try Self.rule(fields, number: index + 1))
    }
    self.init(rules, seed: seed)
  }

  /// The rules of two scripts; the other's come after.
  public func adding(_ other: [FaultRule]) -> FaultScript {
    FaultScript(rules + other, seed: seed)
  }

  private static func parts(_ root: Any?) throws(VendorServerError) -> (UInt64, [Any]) {
    if let list = root as? [Any] { return (0, list) }
    guard let mapping = root as? [String: Any], let list = mapping["faults"] as? [Any],
      mapping.keys.allSatisfy({ ["seed", "faults"].contains($0) })
    else {
      throw .faults(reason: "the script is neither a list of rules nor a mapping with seed, faults")
    }
    guard let seed = mapping["seed"] else { return (0, list) }
    guard let number = seed as? Int, number >= 0 else {
      throw .faults(reason: "seed is not a whole number from 0 on")
    }
    return (UInt64(number), list)
  }

  private static let keys: Set<String> = [
    "when", "fault", "times", "order", "item", "attempt", "chance", "with",
  ]

  private static func rule(
    _ fields: [String: Any], number: Int
  ) throws(VendorServerError) -> FaultRule {
    func refusal(_ reason: String) -> VendorServerError {
      .faults(reason: "rule \(number): \(reason)")
    }
    func text(_ key: String) -> String? { fields[key].map { "\($0)" } }
    if let unknown = fields.keys.sorted().first(where: { !keys.contains($0) }) {
      throw refusal("\(unknown) is not known. Use \(keys.sorted().joined(separator: ", ")).")
    }
    guard let word = text("when"), let phase = FaultRule.Phase(rawValue: word) else {
      let phases = FaultRule.Phase.allCases.map(\.rawValue).joined(separator: ", ")
      throw refusal("when is one of \(phases)")
    }
    var settings: [String: String] = [:]
    for (name, value) in fields["with"] as? [String: Any] ?? [:] { settings[name] = "\(value)" }
    let name = text("fault") ?? ""
    if Int(name) != nil { settings["code"] = name }
    guard let fault = Int(name) == nil ? Fault(rawValue: name) : .status else {
      let faults = Fault.allCases.map(\.rawValue).sorted().joined(separator: ", ")
      throw refusal("there is no fault \"\(name)\". Use a status from 400 to 599, or \(faults).")
    }
    var rule = FaultRule(phase, fault, settings: settings)
    for (key, path) in [
      ("times", \FaultRule.times), ("order", \.order), ("item", \.item), ("attempt", \.attempt),
    ] as [(String, WritableKeyPath<FaultRule, Int?>)] {
      guard let value = text(key) else { continue }
      if key == "times", value == "always" {
        rule.times = nil
        continue
      }
      guard let count = Int(value) else { throw refusal("\(key) is not a whole number") }
      rule[keyPath: path] = count
    }
    if let value = text("chance") { rule.chancePercent = Int(value) ?? 0 }
    if let problem = rule.problem { throw refusal(problem) }
    return rule
  }
}
