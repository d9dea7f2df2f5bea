// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Hummingbird

/// The routes of the API as a list: what each path is asked, by whom, and who answers.
struct RouteTable: Sendable {
  typealias Handler = @Sendable (Request, APIContext) async throws -> Response

  /// One method of one path.
  struct Endpoint: Sendable {
    let method: HTTPRequest.Method
    /// The path as the router writes it: `v1/jobs/:id`.
    let path: String
    /// The least role that may ask.
    let role: AccessRole
    /// Whether the route has a limit of its own on the body.
    var limitsItsBody = false

    var segments: [Substring] { path.split(separator: "/") }

    func matches(_ segments: [Substring]) -> Bool {
      let own = self.segments
      return own.count == segments.count
        && zip(own, segments).allSatisfy { $0.hasPrefix(":") || $0 == $1 }
    }
  }

  private var handlers: [(endpoint: Endpoint, handler: Handler)] = []

  /// What can be asked.
  var endpoints: [Endpoint] { handlers.map(\.endpoint) }

  mutating func get(_ path: String, role: AccessRole = .read, _ handler: @escaping Handler) {
    handlers.append((Endpoint(method: .get, path: path, role: role), handler))
  }

  /// A route that changes something is an administrator's unless it says otherwise.
  mutating func post(
    _ path: String, role: AccessRole = .admin, limitsItsBody: Bool = false,
    _ handler: @escaping Handler
  ) {
    let endpoint = Endpoint(
      method: .post, path: path, role: role, limitsItsBody: limitsItsBody)
    handlers.append((endpoint, handler))
  }

  mutating func delete(_ path: String, role: AccessRole = .admin, _ handler: @escaping Handler) {
    handlers.append((Endpoint(method: .delete, path: path, role: role), handler))
  }

  /// The methods that a path knows, as they stand in `Allow`; none where there is no such path.
  func methods(at path: String) -> [String] {
    let segments = path.split(separator: "/")
    let methods = Set(endpoints.filter { $0.matches(segments) }.map(\.method.rawValue))
    return (methods.contains("GET") ? methods.union(["HEAD"]) : methods).sorted()
  }

  /// The responder of all routes.
  ///
  /// - Parameter largestBody: the most bytes of a body, asked anew for every request.
  func responder(
    tokens: TokenBook, largestBody: @escaping @Sendable () -> Int,
    now: @escaping @Sendable () -> Date
  ) -> RouterResponder<APIContext> {
    let router = Router(context: APIContext.self, options: [.autoGenerateHeadEndpoints])
    router.add(middleware: ProblemMiddleware(routes: self))
    router.add(middleware: AccessMiddleware(tokens: tokens, now: now))
    for (endpoint, handler) in handlers {
      router.on(RouterPath(endpoint.path), method: endpoint.method) { request, context in
        try context.require(endpoint.role)
        return try await handler(
          endpoint.limitsItsBody ? request : try request.capped(at: largestBody()), context)
      }
    }
    return router.buildResponder()
  }
}
