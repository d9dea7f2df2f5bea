// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform
import Transfer

/// What the adapter's calls share: requests, answers, and what a refusal means.
extension FoveaVendor {
  /// The statuses that this interface documents as "not created".
  static let notCreated: Set<Int> = [400, 401, 402, 403, 404, 410, 413, 415, 422]

  func request(
    _ method: HTTPRequest.Method, _ path: String, body: Data? = nil
  ) -> HTTPRequest {
    var request = HTTPRequest(method, path, to: endpoint)
    request.limits.answerBytes = Self.largestDocumentBytes
    if let body {
      request.body = .data(body)
      request.fields.append("Content-Type", "application/json")
    }
    if let credential = configuration.credential {
      request.fields.append("Authorization", "Bearer \(credential.reveal())")
    }
    return request
  }

  func ask<Answer: Decodable>(
    _ method: HTTPRequest.Method, _ path: String, body: Data? = nil
  ) async throws(VendorError) -> Answer {
    let response: HTTPResponse
    do {
      response = try await client.send(request(method, path, body: body))
    } catch {
      throw failure(error)
    }
    guard response.isSuccess else { throw refusal(response) }
    return try decoded(response)
  }

  func failure(_ error: TransferError) -> VendorError {
    switch error {
    case .cancelled: .cancelled
    case .invalidRequest: .misconfigured(vendor: name, reason: error.description)
    case .answerTooLarge: malformed(error.description)
    default: .unavailable(vendor: name, reason: error.description)
    }
  }

  /// What an answer without success means where no money is involved.
  private func refusal(_ response: HTTPResponse) -> VendorError {
    let reason = Self.reason(response)
    // What is no problem document has nothing hidden in it.
    let problem = try? VendorJSON.decode(Documents.Problem.self, from: response.body)
    let pause = response.fields["Retry-After"].flatMap { RetryAfter.pause($0, now: Date()) }
    switch response.status {
    case 402: return .quotaExhausted(vendor: name, reason: reason)
    case 403 where problem?.requiredQuota != nil:
      return .quotaExhausted(vendor: name, reason: reason)
    case 429: return .rateLimited(vendor: name, retryAfter: pause)
    case 400..<500 where problem?.error?.code == 429:
      return .rateLimited(vendor: name, retryAfter: pause)
    case 503 where pause != nil: return .rateLimited(vendor: name, retryAfter: pause)
    case 408, 425, 500...:
      return .unavailable(vendor: name, reason: "it answered \(response.status): \(reason)")
    case 400..<500: return .refused(vendor: name, status: response.status, reason: reason)
    default: return malformed("status \(response.status)")
    }
  }

  // MARK: - Documents

  func encoded(_ order: Documents.Order) throws(VendorError) -> Data {
    do {
      return try JSON.encoder().encode(order)
    } catch {
      throw malformed("the order cannot be written as JSON: \(error)")
    }
  }

  func decoded<Answer: Decodable>(
    _ response: HTTPResponse
  ) throws(VendorError) -> Answer {
    do {
      return try VendorJSON.decode(Answer.self, from: response.body)
    } catch {
      let why = (error as? VendorJSON.Refusal).map { ": \($0)" } ?? ""
      throw malformed(
        "status \(response.status) with \"\(VendorWords.clean(response.body))\", which is not the "
          + "document that was asked for\(why)")
    }
  }

  func receipt(
    _ answer: Documents.OrderAnswer, for key: OrderKey
  ) throws(VendorError) -> Receipt {
    guard answer.reference == key.text else {
      throw malformed("order \(key.text) was meant, and another reference came back")
    }
    return Receipt(
      vendorOrderID: try checked(answer.orderId),
      state: VendorOrderState(foveaVendor: answer.state), price: answer.price)
  }

  /// An order's name goes into a path, so it is held to what needs no encoding there.
  func checked(_ order: VendorOrderID) throws(VendorError) -> VendorOrderID {
    let isPlain = order.utf8.allSatisfy { byte in
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
        || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || byte == UInt8(ascii: "-")
    }
    guard isPlain, (1...64).contains(order.utf8.count) else {
      throw malformed("\"\(order.prefix(64))\" is not an order's name")
    }
    return order
  }

  func malformed(_ reason: String) -> VendorError {
    .malformedAnswer(vendor: name, reason: reason)
  }

  /// The vendor's own words: a problem document's, else the beginning of the body.
  static func reason(_ response: HTTPResponse) -> String {
    // Whatever is no problem document is shown as text.
    let problem = try? VendorJSON.decode(Documents.Problem.self, from: response.body)
    let words = problem.flatMap { $0.detail ?? $0.title }.map { Data($0.utf8) }
    return VendorWords.clean(words ?? response.body)
  }
}
