// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Hummingbird

/// The routes of the API as a list: what each path is asked, by whom, and who answers.
struct RouteTable: Sendable {
  typealias Handler = @Sendable (Request, APIContext) async throws -> Response

  /// One method of one path.
  struct Route: Sendable {
    let method: HTTPRequest.Method
    /// The path as the router writes it: `v1/jobs/:id`.
    let path: String
    /// The least role that may ask.
    let role: AccessRole
    let handler: Handler

    var segments: [Substring] { path.split(separator: "/") }

    func matches(_ segments: [Substring]) -> Bool {
      let own = self.segments
      return own.count == segments.count
        && zip(own, segments).allSatisfy { $0.hasPrefix(":") || $0 == $1 }
    }
  }

  private(set) var routes: [Route] = []

  mutating func get(_ path: String, role: AccessRole = .read, _ handler: @escaping Handler) {
    routes.append(Route(method: .get, path: path, role: role, handler: handler))
  }

  /// A route that changes something is an administrator's unless it says otherwise.
  mutating func post(_ path: String, role: AccessRole = .admin, _ handler: @escaping Handler) {
    routes.append(Route(method: .post, path: path, role: role, handler: handler))
  }

  mutating func delete(_ path: String, role: AccessRole = .admin, _ handler: @escaping Handler) {
    routes.append(Route(method: .delete, path: path, role: role, handler: handler))
  }

  /// The methods that a path knows, as they stand in `Allow`; none where there is no such path.
  func methods(at path: String) -> [String] {
    let segments = path.split(separator: "/")
    let methods = Set(routes.filter { $0.matches(segments) }.map(\.method.rawValue))
    return (methods.contains("GET") ? methods.union(["HEAD"]) : methods).sorted()
  }

  /// The responder of all routes.
  func responder(
    tokens: TokenBook, now: @escaping @Sendable () -> Date
  ) -> RouterResponder<APIContext> {
    let router = Router(context: APIContext.self, options: [.autoGenerateHeadEndpoints])
    router.add(middleware: ProblemMiddleware(routes: self))
    router.add(middleware: AccessMiddleware(tokens: tokens, now: now))
    for route in routes {
      router.on(RouterPath(route.path), method: route.method) { request, context in
        try context.require(route.role)
        return try await route.handler(request, context)
      }
    }
    return router.buildResponder()
  }
}
