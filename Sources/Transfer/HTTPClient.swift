// SPDX-License-Identifier: Apache-2.0

public import Foundation
internal import Platform
internal import Synchronization

/// The only way to a server: libcurl on a thread of its own, awaited by its callers.
///
/// It follows no redirect unless the request says where to, asks no proxy, keeps no cookie and reads no `.netrc`; it connects to
/// public addresses through TLS, and to this machine only where the endpoint says so. Cancelling
/// the calling task ends the exchange.
///
/// ```swift
/// let client = HTTPClient()
/// let response = try await client.send(HTTPRequest(.get, "/v1/product", to: endpoint))
/// ```
public final class HTTPClient: Sendable {
  /// How many lines of a stream may wait for their reader.
  public static let longestLineBacklog = 4096

  /// How many redirects are followed.
  static let mostRedirects = 3

  private let loop = TransferLoop()
  private let authorities: String?
  /// Hashes and publishes downloads, which blocks.
  let files = ComputePool(threadCount: 1)

  /// Starts the transfer thread; it ends, and with it all exchanges, when the client is released.
  ///
  /// - Parameter certificateAuthorities: a PEM file of those who are trusted instead of the
  ///   system's.
  public init(certificateAuthorities: URL? = nil) { authorities = certificateAuthorities?.path }

  deinit { loop.stop() }

  /// Sends a request and returns the whole answer, whatever its status.
  ///
  /// - Throws: `TransferError`; its `nothingWasSent` tells whether the server can know of it.
  public func send(_ request: HTTPRequest) async throws(TransferError) -> HTTPResponse {
    let (url, limit) = (request.shownURL, request.limits.answerBytes)
    return try await followed(request) { _ in MemorySink(url: url, limitBytes: limit) }
  }

  /// Sends a request and returns the lines of the answer as they come.
  ///
  /// An answer without success is returned as a whole, with no lines.
  ///
  /// - Throws: `TransferError`, here until the head is there, and from the stream afterwards.
  public func lines(_ request: HTTPRequest) async throws(TransferError) -> HTTPLines {
    let (lines, source) = AsyncThrowingStream<String, any Error>.makeStream(
      bufferingPolicy: .bufferingOldest(Self.longestLineBacklog))
    let id = loop.announce()
    // The stream keeps the client for as long as somebody reads.
    source.onTermination = { _ in self.loop.cancel(id) }
    let (url, limit) = (request.shownURL, request.limits.answerBytes)
    let head = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let head = Promise(continuation)
        let job = Job(
          id: id, request: request, authorities: authorities,
          makeSink: { response in
            guard response.isSuccess else { return MemorySink(url: url, limitBytes: limit) }
            head.resume(.success(response))
            return LineSink(url: url, lines: source)
          },
          completion: { result in
            head.resume(result)
            if case .failure(let error) = result {
              source.finish(throwing: error)
            } else {
              source.finish()
            }
          })
        loop.start(job)
      }
    } onCancel: {
      loop.cancel(id)
    }
    return HTTPLines(response: try head.get(), lines: lines)
  }

  /// Runs an exchange, and those that it is redirected to where the request allows it.
  func followed(
    _ request: HTTPRequest, into makeSink: @escaping @Sendable (HTTPResponse) -> any BodySink
  ) async throws(TransferError) -> HTTPResponse {
    var request = request
    for _ in 0..<Self.mostRedirects {
      let response = try await exchange(request, into: makeSink)
      guard request.method == .get, request.redirectHosts != nil,
        [301, 302, 303, 307, 308].contains(response.status), let link = response.fields["Location"]
      else { return response }
      request = try request.led(to: link)
    }
    return try await exchange(request, into: makeSink)
  }

  /// Runs one exchange to its end.
  private func exchange(
    _ request: HTTPRequest, into makeSink: @escaping @Sendable (HTTPResponse) -> any BodySink
  ) async throws(TransferError) -> HTTPResponse {
    let id = loop.announce()
    let result: Result<HTTPResponse, TransferError> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        loop.start(
          Job(
            id: id, request: request, authorities: authorities, makeSink: makeSink,
            completion: { continuation.resume(returning: $0) }))
      }
    } onCancel: {
      loop.cancel(id)
    }
    return try result.get()
  }
}

/// An answer that comes line by line.
public struct HTTPLines: Sendable {
  /// The head; with the body where the status is not one of success.
  public let response: HTTPResponse
  /// The lines, without their ends.
  public let lines: AsyncThrowingStream<String, any Error>
}

/// A continuation that takes the first of several results.
private final class Promise: Sendable {
  typealias Answer = Result<HTTPResponse, TransferError>
  private let continuation: Mutex<CheckedContinuation<Answer, Never>?>

  init(_ continuation: CheckedContinuation<Answer, Never>) {
    self.continuation = Mutex(continuation)
  }

  func resume(_ answer: Answer) {
    let waiting = continuation.withLock { continuation in
      defer { continuation = nil }
      return continuation
    }
    waiting?.resume(returning: answer)
  }
}
