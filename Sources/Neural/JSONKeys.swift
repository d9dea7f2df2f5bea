// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// What a JSON decoder lets pass but a file from a stranger must not have: names given twice, of
/// which readers take either; text that is not UTF-8, which decoders guess at; and deep nesting.
///
/// Says nothing about the rest: what is no JSON at all is left to the decoder.
struct JSONKeys {
  /// A safetensors header needs three levels.
  private static let depthLimit = 8

  private let bytes: [UInt8]
  private var place = 0
  /// The names so far of each open object; nil for an array.
  private var open: [Set<String>?] = []

  /// What is wrong with a text, or nil.
  static func problem(in json: Data) -> String? {
    guard !json.contains(0), String(bytes: json, encoding: .utf8) != nil else {
      return "is not UTF-8 text"
    }
    var keys = JSONKeys(bytes: [UInt8](json))
    return keys.problem()
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func problem() -> String? {
    var awaitsName = false
    while place < bytes.count {
      let byte = bytes[place]
      place += 1
      switch byte {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        guard open.count < Self.depthLimit else { return "is nested too deeply" }
        awaitsName = byte == UInt8(ascii: "{")
        open.append(awaitsName ? [] : nil)
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        awaitsName = false
        _ = open.popLast()
      case UInt8(ascii: ","):
        awaitsName = open.last.map { $0 != nil } ?? false
      case UInt8(ascii: "\""):
        let name = text()
        if awaitsName, let name, open[open.count - 1]?.insert(name).inserted == false {
          return "names \(name.prefix(100)) twice"
        }
        awaitsName = false
      default: break
      }
    }
    return nil
  }

  /// The string whose opening quote was just read; nil where it is no string.
  private mutating func text() -> String? {
    let first = place - 1
    while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
      // Skips what a backslash protects, quotes among it.
      place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard place < bytes.count else { return nil }
    place += 1
    return try? JSONDecoder().decode(String.self, from: Data(bytes[first..<place]))
  }
}
