// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Testing
import Transfer
import Wire

/// The API as it describes itself, and whether answers are what it promises.
struct APIDescription: Sendable {
  /// One method of one path.
  struct Operation: Sendable {
    let method: String
    /// `/v1/jobs/{id}`.
    let path: String
    let body: StrictJSON

    /// The role that the operation needs over TCP.
    var role: String? {
      guard case .array(let choices)? = body["security"],
        case .array(let roles)? = choices.compactMap({ $0["token"] }).first,
        case .string(let role)? = roles.first
      else { return nil }
      return role
    }
  }

  let document: StrictJSON
  let operations: [Operation]

  init(_ data: Data) throws {
    document = try StrictJSON.parse(Array(data))
    guard case .object(let paths)? = document["paths"] else {
      throw ProblemDocument("test", status: 500, title: "No paths", detail: "No paths.")
    }
    operations = paths.flatMap { path -> [Operation] in
      guard case .object(let members) = path.value else { return [] }
      return members.filter { $0.name != "parameters" }.map {
        Operation(method: $0.name.uppercased(), path: path.name, body: $0.value)
      }
    }
  }

  /// What is wrong with an answer to a request, by the description; empty when nothing is.
  func problems(
    _ method: String, _ path: String, status: Int, mediaType: String, body: Data
  ) -> [String] {
    let parts = path.prefix { $0 != "?" }.split(separator: "/")
    let operation = operations.first { operation in
      let own = operation.path.split(separator: "/")
      return operation.method == method && own.count == parts.count
        && zip(own, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
    // What is described nowhere must be refused, as everything else is refused.
    let fallback = document["components"]?["responses"]?["Problem"]
    let responses = operation?.body["responses"]
    guard let named = responses?["\(status)"] ?? responses?["default"] ?? fallback else {
      return ["\(method) \(path): no answer \(status) is described"]
    }
    let validator = SchemaValidator(document: document)
    var answer = named
    if case .string(let reference)? = named["$ref"] {
      answer = validator.target(reference) ?? named
    }
    let type = mediaType.split(separator: ";").first.map(String.init) ?? ""
    guard let schema = (answer["content"]?[type] ?? answer["content"]?["*/*"])?["schema"] else {
      return ["\(method) \(path): \(status) is not described with the type \(type)"]
    }
    guard type.hasSuffix("json") else { return [] }
    do {
      return validator.problems(try StrictJSON.parse(Array(body)), schema)
        .map { "\(method) \(path) \(status)\($0)" }
    } catch {
      return ["\(method) \(path): \(error)"]
    }
  }
}
