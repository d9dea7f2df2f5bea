// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Wire

/// Turns whatever a route throws into a problem document, and logs what is our fault.
struct ProblemMiddleware: RouterMiddleware {
  typealias Context = APIContext

  func handle(
    _ request: Request, context: APIContext,
    next: (Request, APIContext) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let error as MethodNotAllowed {
      let allowed = error.allowed.joined(separator: ", ")
      var problem = ProblemDocument(
        "method", status: 405, title: "Method not allowed",
        detail: "\(request.uri.path) does not know \(request.method.rawValue).",
        do: "Use \(allowed).")
      problem.instance = request.uri.path
      return try Answer.problem(problem, headers: [.allow: allowed])
    } catch let error as HTTPError where error.status == .badRequest {
      // Broken HTTP, which the server answers and then closes the connection.
      throw error
    } catch is CancellationError {
      return try Answer.problem(
        ProblemDocument(
          "stopping", status: 503, title: "Stopping", detail: "The daemon is stopping.",
          instance: request.uri.path, do: "Try again when it runs."))
    } catch {
      var problem = ProblemDocument(describing: error, path: request.uri.path)
      problem.instance = request.uri.path
      if problem.status >= 500 {
        context.logger.error(
          "a request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
      }
      return try Answer.problem(problem)
    }
  }
}
