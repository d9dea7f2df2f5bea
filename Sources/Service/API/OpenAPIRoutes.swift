// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Hummingbird
import Platform
import Yams

/// `/v1/openapi.json`: the API described for programs, from `openapi.yaml` and the table of routes.
///
/// What a role may do stands in one place, the table; the file says everything else. A route that
/// the file does not know is listed without words, and what is described but not there is left out:
/// the description never promises more than is served.
enum OpenAPIRoutes {
  private static let methods: Set<String> = ["get", "post", "put", "patch", "delete"]

  /// Adds the route; the last one, as it describes those that are in the table.
  static func add(to routes: inout RouteTable) throws {
    let own = RouteTable.Endpoint(method: .get, path: "v1/openapi.json", role: .read)
    let document = try document(of: routes.endpoints + [own])
    routes.get(own.path, role: own.role) { _, _ in
      Answer.data(document, mediaType: "application/json")
    }
  }

  private static func document(of endpoints: [RouteTable.Endpoint]) throws -> Data {
    let text = String(decoding: PackageResources.openapi_yaml, as: UTF8.self)
    guard let root = try Yams.compose(yaml: text), var document = value(root) as? [String: Any]
    else { preconditionFailure("openapi.yaml is a mapping") }
    let described = document["paths"] as? [String: [String: Any]] ?? [:]
    var paths: [String: [String: Any]] = [:]
    for endpoint in endpoints {
      let path = templated(endpoint.path)
      let method = endpoint.method.rawValue.lowercased()
      // What is the same for all methods of a path: its parameters.
      var item = paths[path] ?? described[path]?.filter { !methods.contains($0.key) } ?? [:]
      var operation = described[path]?[method] as? [String: Any] ?? [:]
      // Over the socket nothing is asked for; over TCP a token of this role or a higher one.
      operation["security"] =
        [[:], ["token": [endpoint.role.rawValue]]] as [[String: [String]]]
      item[method] = operation
      paths[path] = item
    }
    document["paths"] = paths
    var info = document["info"] as? [String: Any] ?? [:]
    info["version"] = ProgramVersion.text
    document["info"] = info
    return try JSONSerialization.data(
      withJSONObject: document, options: [.sortedKeys, .withoutEscapingSlashes])
  }

  /// `v1/jobs/:id` as `/v1/jobs/{id}`.
  private static func templated(_ path: String) -> String {
    path.split(separator: "/").reduce(into: "") { text, part in
      text += part.hasPrefix(":") ? "/{\(part.dropFirst())}" : "/\(part)"
    }
  }

  /// YAML as JSON's values; what is quoted is a text.
  private static func value(_ node: Node) -> Any {
    if let mapping = node.mapping {
      return [String: Any](
        uniqueKeysWithValues: mapping.map { ($0.key.string ?? "", value($0.value)) })
    }
    if let sequence = node.sequence { return sequence.map(value) }
    let text = node.scalar?.string ?? ""
    guard node.scalar?.style == .plain else { return text }
    if node.null != nil { return NSNull() }
    if let flag = node.bool { return flag }
    if let number = node.int { return number }
    if let number = node.float { return number }
    return text
  }
}
