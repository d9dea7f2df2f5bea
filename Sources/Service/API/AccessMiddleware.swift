// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Hummingbird
import Wire

/// A request over TCP without a token that is worth anything.
struct Unauthorised: Error {
  /// Whether there was a token at all.
  let hadToken: Bool

  var problem: ProblemDocument {
    ProblemDocument(
      hadToken ? "token-refused" : "token-missing", status: 401,
      title: hadToken ? "Token refused" : "Token missing",
      detail: hadToken
        ? "The token is unknown, was revoked, or its time has run out."
        : "Over TCP every request needs a token.", where: "Authorization",
      do: "Send \"Authorization: Bearer TOKEN\"; fovead token create makes one.")
  }

  /// The challenge of RFC 6750, section 3.
  var challenge: String {
    hadToken ? #"Bearer realm="fovead", error="invalid_token""# : #"Bearer realm="fovead""#
  }
}

/// Finds out who sends a request: who can open the socket may do everything, who comes over TCP what
/// the token says.
struct AccessMiddleware: RouterMiddleware {
  typealias Context = APIContext

  let tokens: TokenBook
  let now: @Sendable () -> Date

  func handle(
    _ request: Request, context: APIContext,
    next: (Request, APIContext) async throws -> Response
  ) async throws -> Response {
    guard !context.isLocalSocket else { return try await next(request, context) }
    guard let header = request.headers[.authorization] else { throw Unauthorised(hadToken: false) }
    let words = header.split(separator: " ")
    guard words.count == 2, words[0].lowercased() == "bearer",
      let token = tokens.token(words[1], at: now())
    else { throw Unauthorised(hadToken: true) }
    var context = context
    context.caller = .token(token)
    return try await next(request, context)
  }
}
