// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Testing

/// Holds JSON against the part of JSON Schema that the API's description uses; another keyword in a
/// schema is a mistake of its own.
struct SchemaValidator {
  /// The whole description, where references lead.
  let document: StrictJSON

  /// What is wrong with a value, each with its place; empty when nothing is.
  func problems(_ value: StrictJSON, _ schema: StrictJSON, at place: String = "") -> [String] {
    guard case .object(let keywords) = schema else { return ["\(place): the schema is no object"] }
    return keywords.flatMap { keyword in
      check(value, keyword.name, keyword.value, schema, at: place)
    }
  }

  /// What a reference like `#/components/schemas/Job` leads to.
  func target(_ reference: String) -> StrictJSON? {
    reference.split(separator: "/").dropFirst().reduce(document) { $0?[String($1)] }
  }

  private func check(
    _ value: StrictJSON, _ keyword: String, _ argument: StrictJSON, _ schema: StrictJSON,
    at place: String
  ) -> [String] {
    switch (keyword, argument) {
    case ("description", _), ("format", _), ("default", _), ("contentMediaType", _): return []
    case ("$ref", .string(let reference)):
      guard let target = target(reference) else { return ["\(place): \(reference) leads nowhere"] }
      return problems(value, target, at: place)
    case ("allOf", .array(let schemas)):
      return schemas.flatMap { problems(value, $0, at: place) }
    case ("type", .string(let name)):
      return Self.isType(value, name) ? [] : ["\(place): no \(name)"]
    case ("type", .array(let names)):
      let fits = names.contains {
        if case .string(let name) = $0 { Self.isType(value, name) } else { false }
      }
      return fits ? [] : ["\(place): none of the types"]
    case ("enum", .array(let values)):
      return values.contains(value) ? [] : ["\(place): \(value) is not in the enum"]
    case ("required", .array(let names)):
      return names.compactMap { name in
        guard case .string(let name) = name, value[name] == nil else { return nil }
        return "\(place): no \(name)"
      }
    case ("properties", .object(let members)):
      return members.flatMap { member in
        value[member.name].map { problems($0, member.value, at: "\(place)/\(member.name)") } ?? []
      }
    case ("additionalProperties", _): return additional(value, argument, schema, at: place)
    case ("items", _):
      guard case .array(let items) = value else { return [] }
      return items.enumerated().flatMap { problems($1, argument, at: "\(place)/\($0)") }
    default: return bounds(value, keyword, argument, at: place)
    }
  }

  private func additional(
    _ value: StrictJSON, _ argument: StrictJSON, _ schema: StrictJSON, at place: String
  ) -> [String] {
    guard case .object(let members) = value else { return [] }
    let others = members.filter { schema["properties"]?[$0.name] == nil }
    if argument == .bool(false) { return others.map { "\(place): unknown \($0.name)" } }
    return others.flatMap { problems($0.value, argument, at: "\(place)/\($0.name)") }
  }

  private func bounds(
    _ value: StrictJSON, _ keyword: String, _ argument: StrictJSON, at place: String
  ) -> [String] {
    let isRight: Bool
    switch (keyword, argument, value) {
    case ("minimum", .number(_, let bound), .number(_, let number)): isRight = number >= bound
    case ("maximum", .number(_, let bound), .number(_, let number)): isRight = number <= bound
    case ("exclusiveMinimum", .number(_, let bound), .number(_, let number)):
      isRight = number > bound
    case ("maxLength", .number(_, let bound), .string(let text)):
      isRight = Double(text.unicodeScalars.count) <= bound
    case ("minItems", .number(_, let bound), .array(let items)):
      isRight = Double(items.count) >= bound
    case ("maxItems", .number(_, let bound), .array(let items)):
      isRight = Double(items.count) <= bound
    case ("pattern", .string(let pattern), .string(let text)):
      // A pattern that is none is found by the first value that it should fit.
      isRight = (try? Regex(pattern)).map { text.contains($0) } ?? false
    case ("minimum", _, _), ("maximum", _, _), ("exclusiveMinimum", _, _), ("maxLength", _, _),
      ("minItems", _, _), ("maxItems", _, _), ("pattern", _, _):
      // Bounds say nothing of other types.
      isRight = true
    default: return ["\(place): the schema has a keyword that is not checked, \(keyword)"]
    }
    return isRight ? [] : ["\(place): \(value) breaks \(keyword) \(argument)"]
  }

  private static func isType(_ value: StrictJSON, _ name: String) -> Bool {
    switch (name, value) {
    case ("null", .null), ("boolean", .bool), ("string", .string), ("array", .array),
      ("object", .object), ("number", .number):
      true
    case ("integer", .number(let text, _)): Int64(text) != nil
    default: false
    }
  }
}
