// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Platform
import Yams

/// One mapping of a price list: look-ups that say file and line, and know which keys exist.
struct PriceListSection {
  private let mapping: Node.Mapping
  private let file: String
  private let line: Int
  private var known: Set<String> = []

  /// The top of a document.
  init(yaml: String, file: String) throws(PlanningError) {
    let node: Node?
    do {
      node = try compose(yaml: yaml)
    } catch {
      let first = "\(error)".split(separator: "\n").first ?? "syntax error"
      throw .priceList(
        place: file, what: "not YAML (\(first))", remedy: "Compare it with etc/vendors.")
    }
    try self.init(node ?? Node(""), file: file, name: "the price list")
  }

  private init(_ node: Node, file: String, name: String) throws(PlanningError) {
    self.file = file
    line = node.mark?.line ?? 1
    guard let mapping = node.mapping else {
      throw .priceList(
        place: "\(file):\(line)", what: "\(name) must hold keys with values",
        remedy: "Write KEY: VALUE lines.")
    }
    self.mapping = mapping
  }

  /// Refuses keys that nobody asked for.
  func finish() throws(PlanningError) {
    for key in mapping.keys {
      let name = key.string ?? ""
      guard !known.contains(name) else { continue }
      let nearest = NearestName.of(name, among: Array(known))
      throw refusal(
        at: key, "there is no key \"\(name)\"",
        nearest.map { "Did you mean \"\($0)\"?" }
          ?? "The keys here are \(known.sorted().joined(separator: ", ")).")
    }
  }

  mutating func text(_ key: String) throws(PlanningError) -> String {
    let node = try required(key)
    guard let text = node.string, !text.isEmpty else {
      throw refusal(at: node, "\"\(key)\" must be a text", "Write \(key): TEXT.")
    }
    return text
  }

  mutating func choice(
    _ key: String, of values: [String], otherwise fallback: String? = nil
  ) throws(PlanningError) -> String {
    if let fallback, find(key) == nil { return fallback }
    let text = try text(key)
    guard values.contains(text) else {
      throw refusal(
        at: mapping[Node(key)], "\"\(text)\" is no value of \"\(key)\" that this version knows",
        "Use \(values.joined(separator: ", ")).")
    }
    return text
  }

  mutating func currency(_ key: String) throws(PlanningError) -> Currency {
    let code = try text(key)
    do {
      return try Currency(code: code)
    } catch {
      throw refusal(
        at: mapping[Node(key)], "\"\(code)\" is not a currency",
        "Write three capital letters of ISO 4217, as in EUR.")
    }
  }

  /// A decimal in quotes: YAML would read a bare one as a binary floating-point number.
  mutating func rate(_ key: String) throws(PlanningError) -> DecimalRate {
    let node = try required(key)
    let isQuoted = [.doubleQuoted, .singleQuoted].contains(node.scalar?.style)
    guard isQuoted, let rate = node.string.flatMap(DecimalRate.init) else {
      throw refusal(
        at: node, "\"\(key)\" must be a decimal in quotes",
        "Write minor units as \(key): \"850\" or \(key): \"12.5\".")
    }
    return rate
  }

  mutating func integer(
    _ key: String, in range: ClosedRange<Int64>
  ) throws(PlanningError) -> Int64? {
    guard let node = find(key) else { return nil }
    guard node.scalar?.style == .plain, let value = node.string.flatMap(Int64.init),
      range.contains(value)
    else {
      throw refusal(
        at: node, "\"\(key)\" must be a whole number",
        "Write a number from \(range.lowerBound) to \(range.upperBound).")
    }
    return value
  }

  mutating func money(
    _ key: String, currency: Currency
  ) throws(PlanningError) -> Money? {
    guard let value = try integer(key, in: 0...Money.largestMinorUnits) else { return nil }
    do {
      return try Money(minorUnits: value, currency: currency)
    } catch {
      throw refusal(at: find(key), "\"\(key)\" is too large", "Write minor units.")
    }
  }

  mutating func section(_ key: String) throws(PlanningError) -> PriceListSection? {
    guard let node = find(key) else { return nil }
    return try PriceListSection(node, file: file, name: "\"\(key)\"")
  }

  /// The sections under a key, in the file's order; at least one.
  mutating func sections(
    _ key: String
  ) throws(PlanningError) -> [(name: String, section: PriceListSection)] {
    let node = try required(key)
    let entries = try PriceListSection(node, file: file, name: "\"\(key)\"")
    guard !entries.mapping.isEmpty else {
      throw refusal(at: node, "\"\(key)\" is empty", "Add at least one product.")
    }
    var sections: [(name: String, section: PriceListSection)] = []
    for (name, value) in entries.mapping {
      let text = name.string ?? ""
      sections.append(
        (text, try PriceListSection(value, file: file, name: "\"\(text)\"")))
    }
    return sections
  }

  private mutating func find(_ key: String) -> Node? {
    known.insert(key)
    return mapping[Node(key)]
  }

  private mutating func required(_ key: String) throws(PlanningError) -> Node {
    guard let node = find(key) else {
      throw refusal(at: nil, "there is no \"\(key)\"", "Add the key; etc/vendors has an example.")
    }
    return node
  }

  private func refusal(at node: Node?, _ what: String, _ remedy: String) -> PlanningError {
    .priceList(place: "\(file):\(node?.mark?.line ?? line)", what: what, remedy: remedy)
  }
}
