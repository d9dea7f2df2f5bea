// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

/// A Swift source, as far as the tidy rules read it.
struct SourceFile {
  struct Function {
    let name: String
    let line: Int
    let lineCount: Int
  }

  let path: String
  let text: String
  let lines: [Substring]

  /// The folder below `Sources` or `Tests`.
  var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

  /// The modules that the file imports.
  var imports: [String] {
    lines.compactMap { line in
      let words = line.split(separator: " ")
      guard let place = words.firstIndex(of: "import"), place <= 2, place + 1 < words.count,
        words[..<place].allSatisfy({ ["public", "package", "internal", "@_exported"].contains($0) })
      else { return nil }
      return String(words[place + 1])
    }
  }

  /// Functions and initialisers, from the line that declares one to the brace in its column.
  ///
  /// The house format puts a declaration's closing brace under its first character, so indentation
  /// finds it.
  var functions: [Function] {
    var found: [Function] = []
    for (index, line) in lines.enumerated() {
      let indent = line.prefix { $0 == " " }.count
      let words = line.dropFirst(indent).split(separator: " ")
      guard let keyword = words.first(where: { $0.hasPrefix("func") || $0.hasPrefix("init(") }),
        words.prefix(5).contains(keyword), !line.contains("//")
      else { continue }
      let closing = String(repeating: " ", count: indent) + "}"
      let end = lines[index...].firstIndex { $0 == closing } ?? index
      found.append(
        Function(
          name: words.joined(separator: " "), line: index + 1, lineCount: end - index + 1))
    }
    return found
  }

  static func all(under folder: String) throws -> [SourceFile] {
    try paths(under: folder, ending: ".swift").map { path in
      let text = try String(contentsOf: TestPaths.root.appending(path: path), encoding: .utf8)
      return SourceFile(
        path: path, text: text, lines: text.split(separator: "\n", omittingEmptySubsequences: false)
      )
    }
  }

  static func paths(under folder: String, ending: String) throws -> [String] {
    let root = TestPaths.root.appending(path: folder)
    let names = try FileManager.default.subpathsOfDirectory(atPath: root.path)
    return names.filter { $0.hasSuffix(ending) }.sorted().map { "\(folder)/\($0)" }
  }
}
