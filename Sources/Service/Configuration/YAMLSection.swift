// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform
import Yams

/// One mapping of the configuration file: typed look-ups that collect every mistake with its line.
///
/// A variable of the environment stands for each key that is not in a list, `FOVEA_JOBS_CONCURRENT`
/// for `jobs.concurrent`, and goes before the file.
///
/// The keys that are asked for are the keys that exist; ``finish()`` refuses all others.
struct YAMLSection {
  private let mapping: Node.Mapping
  private let path: String
  private let file: String
  private let folder: URL
  private let line: Int
  private let environment: [String: String]
  private var known: [String] = []
  private var issues: [ConfigurationError.Issue] = []

  /// The whole file, or nothing where there is none; `folder` is where its relative paths start.
  init(root: Node?, file: String, folder: URL, environment: [String: String]) {
    self.init(node: root, path: "", file: file, folder: folder, environment: environment)
  }

  /// A section from a node that should be a mapping; `path` is `jobs.` and so on, for messages.
  private init(
    node: Node?, path: String, file: String, folder: URL, environment: [String: String]
  ) {
    self.path = path
    self.file = file
    self.folder = folder
    self.environment = environment
    line = node?.mark?.line ?? 1
    mapping = node?.mapping ?? Node.Mapping([])
    if let node, node.mapping == nil {
      let name = path.isEmpty ? "the file" : "\"\(path.dropLast())\""
      issues.append(
        .init(
          place: "\(file):\(line)", what: "\(name) must hold keys with values",
          remedy: "Write KEY: VALUE lines."))
    }
  }

  /// The mistakes of this section, the unknown keys among them.
  mutating func finish() -> [ConfigurationError.Issue] {
    for (key, _) in mapping {
      let name = key.string ?? "(no text)"
      guard !known.contains(name) else { continue }
      let nearest = NearestName.of(name, among: known)
      issues.append(
        .init(
          place: "\(file):\(key.mark?.line ?? line)", what: "unknown key \"\(path)\(name)\"",
          remedy: nearest.map { "Did you mean \"\(path)\($0)\"?" }
            ?? "Known here: \(known.sorted().joined(separator: ", "))."))
    }
    return issues.sorted { Self.lineNumber($0) < Self.lineNumber($1) }
  }

  /// Records a mistake at a key.
  mutating func refuse(_ key: String, _ what: String, _ remedy: String) {
    let mark = mapping[Node(key)]?.mark
    let place = variable(key)?.name ?? "\(file):\(mark?.line ?? line)"
    issues.append(.init(place: place, what: what, remedy: remedy))
  }

  /// Records a mistake when a key is missing.
  mutating func requirePresent(_ key: String) {
    guard mapping[Node(key)] == nil else { return }
    refuse(key, "there is no \"\(path)\(key)\"", "Add the key; etc/fovead.yaml explains it.")
  }

  mutating func text(_ key: String) -> String? {
    guard let node = node(key) else { return nil }
    guard let text = node.string, !text.isEmpty else {
      refuse(key, "\"\(path)\(key)\" must be a text", "Write \(key): TEXT.")
      return nil
    }
    return text
  }

  mutating func requiredText(_ key: String) -> String? {
    let text = text(key)
    requirePresent(key)
    return text
  }

  /// A whole number; a value that is written as text, `"4"`, is no number.
  mutating func integer(_ key: String, in range: ClosedRange<Int64>) -> Int64? {
    guard let node = node(key) else { return nil }
    guard node.scalar?.style == .plain, let value = node.int.map(Int64.init) else {
      refuse(
        key, "\"\(path)\(key)\" must be a whole number, not \(Self.shown(node))",
        "Write a number from \(range.lowerBound) to \(range.upperBound).")
      return nil
    }
    guard range.contains(value) else {
      refuse(
        key, "\"\(path)\(key)\" is \(value)",
        "Write a number from \(range.lowerBound) to \(range.upperBound).")
      return nil
    }
    return value
  }

  mutating func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, of type: Choice.Type
  ) -> Choice? where Choice.RawValue == String {
    guard let text = text(key) else { return nil }
    if let choice = Choice(rawValue: text) { return choice }
    let names = Choice.allCases.map(\.rawValue)
    let nearest = NearestName.of(text, among: names).map { "Did you mean \($0)? " } ?? ""
    refuse(
      key, "\"\(text)\" is no value of \"\(path)\(key)\"",
      "\(nearest)Use \(names.joined(separator: ", ")).")
    return nil
  }

  mutating func path(_ key: String) -> URL? {
    let start = variable(key) == nil ? folder : URL.currentDirectory()
    return text(key).map { Configuration.url(ofPath: $0, relativeTo: start) }
  }

  mutating func paths(_ key: String) -> [URL]? {
    texts(key, of: "paths")?.map { Configuration.url(ofPath: $0, relativeTo: folder) }
  }

  mutating func texts(_ key: String, of kind: String) -> [String]? {
    guard let node = written(key) else { return nil }
    let texts = node.sequence.map { $0.compactMap(\.string) }
    guard let texts, texts.count == node.sequence?.count else {
      let one = kind.dropLast().uppercased()
      refuse(key, "\"\(path)\(key)\" must be a list of \(kind)", "Write [\(one), \(one)].")
      return nil
    }
    return texts
  }

  mutating func section(_ key: String, _ read: (inout YAMLSection) -> Void) {
    var section = YAMLSection(
      node: written(key), path: "\(path)\(key).", file: file, folder: folder,
      environment: environment)
    read(&section)
    issues += section.finish()
  }

  mutating func list(_ key: String, _ read: (inout YAMLSection) -> Void) {
    guard let node = written(key) else { return }
    guard let entries = node.sequence else {
      refuse(key, "\"\(path)\(key)\" must be a list", "Begin each entry with a hyphen.")
      return
    }
    for (index, entry) in entries.enumerated() {
      var section = YAMLSection(
        node: entry, path: "\(path)\(key)[\(index)].", file: file, folder: folder, environment: [:])
      read(&section)
      issues += section.finish()
    }
  }

  /// The value of a key, the environment's before the file's.
  private mutating func node(_ key: String) -> Node? {
    let node = written(key)
    return variable(key).map { .scalar(.init($0.value, .implicit, .plain)) } ?? node
  }

  /// The value in the file; nil when it is missing or, as in a section of comments only, empty.
  private mutating func written(_ key: String) -> Node? {
    known.append(key)
    guard let node = mapping[Node(key)], node.null == nil else { return nil }
    return node
  }

  /// The variable that stands for a key, where it is set and not empty.
  private func variable(_ key: String) -> (name: String, value: String)? {
    let name = "FOVEA_\(path)\(key)".replacing(".", with: "_").uppercased()
    guard let value = environment[name], !value.isEmpty else { return nil }
    return (name, value)
  }

  private static func shown(_ node: Node) -> String {
    if let text = node.scalar?.string { return "\"\(text.prefix(40))\"" }
    return node.mapping == nil ? "a list" : "a mapping"
  }

  private static func lineNumber(_ issue: ConfigurationError.Issue) -> Int {
    issue.place.split(separator: ":").last.flatMap { Int($0) } ?? 0
  }
}
