// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Hummingbird
import NIOCore
import Platform
import Wire

/// Reads the JSON object of a request strictly: no unknown field, no field twice, exact types.
///
/// ```swift
/// let body = try await BodyReader(request, fields: ["id", "amount"])
/// let budget = BudgetRequest(id: try body.text("id"), amount: try body.money("amount"))
/// ```
struct BodyReader {
  /// The SHA-256 of the body, hexadecimal.
  let digest: String
  private let document: StrictJSON

  /// Reads the body, which may have only the named fields.
  init(_ request: Request, fields: [String]) async throws {
    let type = request.headers[.contentType]?.split(separator: ";").first?
      .trimmingCharacters(in: .whitespaces).lowercased()
    guard type == "application/json" else {
      throw ProblemDocument(
        "unsupported-type", status: 415, title: "Not JSON",
        detail: "The body's type is \(type ?? "not given").", where: "Content-Type",
        do: "Send application/json.")
    }
    let bytes = try await Self.collect(request.body)
    digest = Digest.sha256(bytes)
    do {
      document = try StrictJSON.parse(bytes)
    } catch {
      throw ProblemDocument(
        "body-malformed", status: 400, title: "Malformed body", detail: "\(error.reason).",
        where: "\(error.line):\(error.column)", do: "Send one JSON object (RFC 8259, UTF-8).")
    }
    guard case .object(let members) = document else {
      throw Self.wrongType("", wanted: "an object", got: document)
    }
    try Self.checkNames(of: members, at: "", known: fields)
  }

  /// A member, where it is there and not null.
  func value(_ name: String) -> StrictJSON? {
    guard let value = document[name], value != .null else { return nil }
    return value
  }

  func text(_ name: String) throws -> String {
    guard let text = try optionalText(name) else { throw Self.missing(name) }
    return text
  }

  func optionalText(_ name: String) throws -> String? {
    guard let value = value(name) else { return nil }
    guard case .string(let text) = value else {
      throw Self.wrongType(name, wanted: "a string", got: value)
    }
    guard !text.isEmpty else {
      throw ProblemDocument.field(name, "The text is empty.", do: "Write it, or leave it out.")
    }
    return text
  }

  func optionalNumber(_ name: String) throws -> Double? {
    guard let value = value(name) else { return nil }
    guard case .number(_, let number) = value else {
      throw Self.wrongType(name, wanted: "a number", got: value)
    }
    return number
  }

  func optionalInteger(_ name: String) throws -> Int? {
    guard let number = try optionalNumber(name) else { return nil }
    guard let integer = Int(exactly: number) else {
      throw ProblemDocument.field(
        name, "This is no whole number.", got: "\(number)", do: "Give a whole number.")
    }
    return integer
  }

  func optionalFlag(_ name: String) throws -> Bool? {
    guard let value = value(name) else { return nil }
    guard case .bool(let flag) = value else {
      throw Self.wrongType(name, wanted: "true or false", got: value)
    }
    return flag
  }

  /// A rectangle as `{"west": 0, "south": 0, "east": 1, "north": 1}`.
  func optionalRectangle(_ name: String) throws -> ProjectedRectangle? {
    guard let value = value(name) else { return nil }
    let names = ["west", "south", "east", "north"]
    let edges = names.compactMap { edge -> Double? in
      guard case .number(_, let number)? = value[edge] else { return nil }
      return number
    }
    guard case .object(let members) = value, members.count == 4, edges.count == 4 else {
      throw Self.wrongType(name, wanted: "an object of west, south, east and north", got: value)
    }
    return ProjectedRectangle(west: edges[0], south: edges[1], east: edges[2], north: edges[3])
  }

  /// Bands as `[3, 2, 1]`.
  func optionalBands(_ name: String) throws -> [Int]? {
    guard let value = value(name) else { return nil }
    guard case .array(let items) = value, !items.isEmpty else {
      throw Self.wrongType(name, wanted: "a list of band numbers", got: value)
    }
    return try items.map { item in
      guard case .number(_, let number) = item, let band = Int(exactly: number), band >= 1 else {
        throw ProblemDocument.field(
          name, "One of them is no band number.",
          do: "Give whole numbers from 1, in the order of the model's bands.")
      }
      return band
    }
  }

  /// A stretch as `{"minimum": 0, "maximum": 10000}`, or a list of such, one a band.
  func optionalStretch(_ name: String) throws -> Stretch? {
    guard let value = value(name) else { return nil }
    guard case .array(let items) = value else { return Stretch([try Self.range(name, value)]) }
    guard let stretch = Stretch(try items.map { try Self.range(name, $0) }) else {
      throw ProblemDocument.field(
        name, "The list is empty.", do: "Give one range for all bands, or one for each.")
    }
    return stretch
  }

  private static func range(_ name: String, _ value: StrictJSON) throws -> StretchRange {
    guard case .object(let members) = value, members.count == 2,
      case .number(_, let minimum)? = value["minimum"],
      case .number(_, let maximum)? = value["maximum"]
    else { throw wrongType(name, wanted: "an object of minimum and maximum", got: value) }
    guard let range = StretchRange(minimum: minimum, maximum: maximum) else {
      throw ProblemDocument.field(
        name, "The minimum is not below the maximum.", got: "\(minimum),\(maximum)",
        do: "Give the numbers that become 0 and 255.")
    }
    return range
  }

  func money(_ name: String) throws -> Money {
    guard let money = try optionalMoney(name) else { throw Self.missing(name) }
    return money
  }

  /// An amount as `{"minor_units": 1250, "currency": "EUR"}`.
  func optionalMoney(_ name: String) throws -> Money? {
    guard let value = value(name) else { return nil }
    let wanted = "an object like {\"minor_units\": 1250, \"currency\": \"EUR\"}"
    guard case .object(let members) = value else {
      throw Self.wrongType(name, wanted: wanted, got: value)
    }
    try Self.checkNames(of: members, at: "/\(name)", known: ["minor_units", "currency"])
    guard case .number(let text, _)? = value["minor_units"],
      case .string(let code)? = value["currency"]
    else { throw Self.wrongType(name, wanted: wanted, got: value) }
    guard let minorUnits = Int64(text) else {
      throw ProblemDocument(
        "amount-malformed", status: 422, title: "No amount of money",
        detail: "The minor units are not a whole number.", where: "/\(name)/minor_units", got: text,
        do: "Give cents, or what the currency has, without a decimal point.")
    }
    do {
      return try Money(minorUnits: minorUnits, currency: Currency(code: code))
    } catch {
      throw ProblemDocument(
        "amount-malformed", status: 422, title: "No amount of money", detail: "\(error)",
        where: "/\(name)")
    }
  }

  private static func collect(_ body: RequestBody) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    for try await piece in body {
      bytes.append(contentsOf: piece.readableBytesView)
    }
    return bytes
  }

  /// Refuses a member that there is not; the place is a JSON pointer (RFC 6901).
  private static func checkNames(
    of members: [StrictJSON.Member], at pointer: String, known: [String]
  ) throws {
    guard let unknown = members.first(where: { !known.contains($0.name) })?.name else { return }
    let nearest = NearestName.of(unknown, among: known)
    let escaped = unknown.replacing("~", with: "~0").replacing("/", with: "~1")
    throw ProblemDocument(
      "field-unknown", status: 422, title: "Unknown field", detail: "There is no such field.",
      where: "\(pointer)/\(escaped)", got: unknown,
      do: nearest.map { "Did you mean \(pointer)/\($0)?" }
        ?? "The fields are \(known.sorted().joined(separator: ", ")).")
  }

  private static func missing(_ name: String) -> ProblemDocument {
    ProblemDocument(
      "field-missing", status: 422, title: "Missing field", detail: "The field is missing.",
      where: "/\(name)", do: "Add it.")
  }

  private static func wrongType(
    _ name: String, wanted: String, got value: StrictJSON
  ) -> ProblemDocument {
    ProblemDocument(
      "field-type", status: 422, title: "Wrong type",
      detail: "This must be \(wanted) and is \(value.kindName).", where: "/\(name)",
      do: "Send \(wanted).")
  }
}
