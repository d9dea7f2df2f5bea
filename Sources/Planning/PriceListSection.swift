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

  /// A text, or nil when the key is missing.
  mutating func optionalText(_ key: String) throws(PlanningError) -> String? {
    find(key) == nil ? nil : try text(key)
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
      let nearest = NearestName.of(text, among: values).map { "Did you mean \($0)? " } ?? ""
      throw refusal(
        at: key, "\"\(text)\" is no value of \"\(key)\"",
        "\(nearest)Use \(values.joined(separator: ", ")).")
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

  /// One of the cases of a type; `otherwise` when the key is missing.
  mutating func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, otherwise fallback: Choice
  ) throws(PlanningError) -> Choice where Choice.RawValue == String {
    let values = Choice.allCases.map(\.rawValue)
    return Choice(rawValue: try choice(key, of: values, otherwise: fallback.rawValue)) ?? fallback
  }

  /// An amount of minor units; 0 when the key is missing.
  mutating func minorUnits(_ key: String) throws(PlanningError) -> Int64 {
    try integer(key, in: 0...Money.largestMinorUnits) ?? 0
  }

  /// A decimal in quotes with one of some units behind it, in whole parts: `5 km2`, `0.25 km2`.
  mutating func measure(
    _ key: String, _ units: KeyValuePairs<String, Int64>
  ) throws(PlanningError) -> Int64? {
    guard let node = find(key) else { return nil }
    let parts = (node.string ?? "").split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = DecimalRate(String(parts[0])),
      let parts = units.first(where: { $0.key == parts[1] })?.value,
      let whole = number.amount.multiplied(by: ExactAmount(Int128(parts))), whole.denominator == 1,
      let value = Int64(exactly: whole.numerator)
    else {
      let names = units.map(\.key).joined(separator: " or ")
      throw refusal(
        at: node, "\"\(key)\" must be a number and a unit, \(names)",
        "Write \(key): 5 \(units.first?.key ?? "").")
    }
    return value
  }

  /// Square millimetres.
  mutating func area(_ key: String) throws(PlanningError) -> Int64? {
    try measure(key, ["km2": 1_000_000_000_000, "ha": 10_000_000_000, "m2": 1_000_000])
  }

  /// Millimetres.
  mutating func length(_ key: String) throws(PlanningError) -> Int64? {
    try measure(key, ["km": 1_000_000, "m": 1000])
  }

  /// The texts of a list; empty when the key is missing.
  mutating func texts(_ key: String) throws(PlanningError) -> [String] {
    guard let node = find(key) else { return [] }
    let texts = node.sequence?.compactMap(\.string) ?? []
    guard let sequence = node.sequence, texts.count == sequence.count else {
      throw refusal(at: node, "\"\(key)\" must be a list", "Write \(key): [ONE, TWO].")
    }
    return texts
  }

  /// The sections of a list; empty when the key is missing.
  mutating func list(_ key: String) throws(PlanningError) -> [PriceListSection] {
    guard let node = find(key) else { return [] }
    guard let sequence = node.sequence else {
      throw refusal(
        at: node, "\"\(key)\" must be a list", "Begin each entry with a hyphen, or write [{...}].")
    }
    var sections: [PriceListSection] = []
    for entry in sequence {
      sections.append(
        try PriceListSection(entry, file: file, name: "an entry of \"\(key)\""))
    }
    return sections
  }

  /// Whether a key is there.
  mutating func has(_ key: String) -> Bool { find(key) != nil }

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

  /// A mistake at a key.
  func refusal(at key: String, _ what: String, _ remedy: String) -> PlanningError {
    refusal(at: mapping[Node(key)], what, remedy)
  }

  private func refusal(at node: Node?, _ what: String, _ remedy: String) -> PlanningError {
    .priceList(place: "\(file):\(node?.mark?.line ?? line)", what: what, remedy: remedy)
  }
}
