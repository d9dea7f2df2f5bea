// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird

/// A route that exists, but not for the method that was asked.
struct MethodNotAllowed: Error {
  /// The methods that the path has.
  let allowed: [String]
}

/// The routes of the API as a list, so that a path knows all its methods.
struct RouteTable {
  typealias Handler = @Sendable (Request, APIContext) async throws -> Response

  private struct Route {
    let method: HTTPRequest.Method
    let path: String
    let handler: Handler
  }

  private static let methods: [HTTPRequest.Method] = [.get, .post, .put, .patch, .delete]

  private var routes: [Route] = []

  mutating func get(_ path: String, _ handler: @escaping Handler) {
    routes.append(Route(method: .get, path: path, handler: handler))
  }

  mutating func post(_ path: String, _ handler: @escaping Handler) {
    routes.append(Route(method: .post, path: path, handler: handler))
  }

  /// The responder of all routes; a path's other methods answer 405 and name the right ones.
  func responder() -> RouterResponder<APIContext> {
    let router = Router(context: APIContext.self, options: [.autoGenerateHeadEndpoints])
    router.add(middleware: ProblemMiddleware())
    for route in routes {
      router.on(RouterPath(route.path), method: route.method) { request, context in
        try await route.handler(request, context)
      }
    }
    for (path, group) in Dictionary(grouping: routes, by: \.path) {
      let allowed = group.map(\.method.rawValue).sorted()
      for method in Self.methods where !allowed.contains(method.rawValue) {
        router.on(RouterPath(path), method: method) { _, _ -> Response in
          throw MethodNotAllowed(allowed: allowed)
        }
      }
    }
    return router.buildResponder()
  }
}
