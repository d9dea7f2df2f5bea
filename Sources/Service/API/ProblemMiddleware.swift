// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import Wire

/// Turns whatever a route throws into a problem document, and logs what is our fault.
struct ProblemMiddleware: RouterMiddleware {
  typealias Context = APIContext

  /// Asked for the methods of a path.
  let routes: RouteTable

  func handle(
    _ request: Request, context: APIContext,
    next: (Request, APIContext) async throws -> Response
  ) async throws -> Response {
    let path = request.uri.path
    do {
      return try await next(request, context)
    } catch let error as HTTPParserError {
      // Broken HTTP in a body: `MalformedHTTPHandler` has answered, and the connection is closed.
      throw error
    } catch let error as Unauthorised {
      return try Self.answer(error.problem, at: path, headers: [.wwwAuthenticate: error.challenge])
    } catch is CancellationError {
      let problem = ProblemDocument(
        "stopping", status: 503, title: "Stopping", detail: "The daemon is stopping.",
        do: "Try again when it runs.")
      return try Self.answer(problem, at: path, headers: [.retryAfter: "5"])
    } catch {
      if let answer = try methodNotAllowed(error, request) { return answer }
      let problem = ProblemDocument(describing: error, path: path)
      if problem.status >= 500 {
        context.logger.error(
          "a request failed", metadata: ["path": "\(path)", "error": "\(error)"])
      }
      // A request with this key is under way, and ends soon.
      return try Self.answer(
        problem, at: path, headers: problem.name == "key-busy" ? [.retryAfter: "1"] : [:])
    }
  }

  /// The answer to a path that exists, but not for the method that was asked.
  private func methodNotAllowed(_ error: any Error, _ request: Request) throws -> Response? {
    guard let error = error as? HTTPError, error.status == .notFound else { return nil }
    let known = routes.methods(at: request.uri.path)
    guard !known.isEmpty, !known.contains(request.method.rawValue) else { return nil }
    let allowed = known.joined(separator: ", ")
    let problem = ProblemDocument(
      "method", status: 405, title: "Method not allowed",
      detail: "\(request.uri.path) does not know \(request.method.rawValue).",
      got: request.method.rawValue, do: "Use \(allowed).")
    return try Self.answer(problem, at: request.uri.path, headers: [.allow: allowed])
  }

  private static func answer(
    _ problem: ProblemDocument, at path: String, headers: HTTPFields
  ) throws -> Response {
    var problem = problem
    problem.instance = path
    return try Answer.problem(problem, headers: headers)
  }
}
