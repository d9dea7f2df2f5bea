// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform

/// Reads a vendor's JSON and nothing that only looks like it: UTF-8, no member named twice, no
/// deeper than a document of ours.
///
/// Foundation's decoder takes one of two members of a name and recurses as deep as it is led; two
/// readers of one answer must not see different prices.
enum VendorJSON {
  /// The deepest nesting.
  static let mostDepth = 32

  /// Why an answer is not taken for JSON.
  struct Refusal: Error, CustomStringConvertible {
    let description: String
  }

  static func decode<Answer: Decodable>(_ type: Answer.Type, from body: Data) throws -> Answer {
    guard !body.isEmpty else { throw Refusal(description: "it is empty") }
    guard String(validating: body, as: UTF8.self) != nil else {
      throw Refusal(description: "it is not UTF-8")
    }
    try check(Array(body))
    return try JSON.decoder().decode(type, from: body)
  }

  /// Walks over the tokens; their grammar is the decoder's to check.
  private static func check(_ bytes: [UInt8]) throws {
    // The names of each object that is open; nil for a list.
    var open: [Set<String>?] = []
    var place = 0
    while place < bytes.count {
      switch bytes[place] {
      case UInt8(ascii: "{"): open.append([])
      case UInt8(ascii: "["): open.append(nil)
      case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = open.popLast()
      case UInt8(ascii: "\""):
        let end = try self.end(of: place, in: bytes)
        let isName = bytes[(end + 1)...].first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == 0x3A
        if isName, open.last != nil, var names = open[open.count - 1] {
          let name = try name(bytes[place...end])
          guard names.insert(name).inserted else {
            throw Refusal(description: "it names \"\(name.prefix(40))\" twice")
          }
          open[open.count - 1] = names
        }
        place = end
      default: break
      }
      guard open.count <= mostDepth else {
        throw Refusal(description: "it is nested more than \(mostDepth) deep")
      }
      place += 1
    }
  }

  private static func end(of start: Int, in bytes: [UInt8]) throws -> Int {
    var place = start + 1
    while place < bytes.count {
      if bytes[place] == UInt8(ascii: "\"") { return place }
      place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
    }
    throw Refusal(description: "it ends in the middle")
  }

  /// A name as it is meant: `\u0061` is `a`.
  private static func name(_ token: ArraySlice<UInt8>) throws -> String {
    guard token.contains(UInt8(ascii: "\\")) else {
      return String(decoding: token.dropFirst().dropLast(), as: UTF8.self)
    }
    return try JSON.decoder().decode([String].self, from: Data("[".utf8 + token + "]".utf8))[0]
  }
}
