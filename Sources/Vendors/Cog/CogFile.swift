// SPDX-License-Identifier: Apache-2.0

import Foundation
import Transfer

/// Which content of a file is meant: its length, and the server's tag for it if it gives one.
struct CogVersion: Hashable, Sendable, Codable {
  let byteCount: UInt64
  let tag: String?

  /// A tag that two contents never share (RFC 9110, section 8.8.3).
  var strongTag: String? { tag.flatMap { $0.hasPrefix("\"") ? $0 : nil } }
}

/// A GeoTIFF at a web server, read by ranges.
///
/// Every range is asked for on the condition that the file is still the same, and an answer that is of
/// another content, or of another range, is none.
actor CogFile {
  /// What is known of the file, and of which content.
  struct Opened: Sendable {
    let version: CogVersion
    let index: CogIndex
  }

  /// What a range cannot be had for: the file is another one by now.
  struct Changed: Error {}

  /// How much is asked for at first, and at least.
  private static let blockBytes: UInt64 = 1 << 16
  /// The longest pause that a server can ask for.
  private static let longestPause = Duration.seconds(3600)

  private let name: String
  private let endpoint: Endpoint
  private let path: String
  private let client: HTTPClient
  private var opened: Opened?

  /// - Throws: `VendorError.misconfigured` when the url is not one of a file that may be used.
  init(_ configuration: VendorConfiguration, client: HTTPClient) throws(VendorError) {
    name = configuration.name
    self.client = client
    let url = configuration.url
    let authority = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? ""
    guard let slash = authority.firstIndex(of: "/") else {
      throw .misconfigured(
        vendor: configuration.name,
        reason: "\(url) names no file. Write url: https://HOST/FOLDER/FILE.tif.")
    }
    path = String(url[slash...])
    do {
      endpoint = try Endpoint(
        String(url[..<slash]), trustsLocal: configuration.trustsLocal)
    } catch {
      throw .misconfigured(vendor: configuration.name, reason: "\(error)")
    }
  }

  /// The index of a content, read before; else of the file as it is now.
  func index(of version: CogVersion) async throws(VendorError) -> Opened {
    if let opened, opened.version == version { return opened }
    return try await open()
  }

  /// Looks at the file as it is now.
  func open() async throws(VendorError) -> Opened {
    let (version, head) = try await self.head()
    if let opened, opened.version == version { return opened }
    do {
      let source = RemoteSource(version: version, head: head) { [self] range in
        try await bytes(range, of: version)
      }
      let opened = Opened(version: version, index: try await CogIndex(source))
      self.opened = opened
      return opened
    } catch let problem as CogProblem {
      throw malformed("\(path) cannot be sold from: \(problem)")
    } catch let error as VendorError {
      throw error
    } catch {
      throw .unavailable(vendor: name, reason: "the file changes while it is read")
    }
  }

  /// Exactly the bytes of a range of a content.
  ///
  /// - Throws: ``Changed``, `VendorError`.
  func bytes(_ range: Range<UInt64>, of version: CogVersion) async throws -> Data {
    let response = try await ask(for: range, version)
    guard response.status == 206 else { throw try refusal(response) }
    let place = try contentRange(response)
    guard place.total == version.byteCount, response.fields["ETag"] == version.tag else {
      throw Changed()
    }
    guard place.range == range, response.body.count == range.count else {
      throw malformed("it sent \(response.body.count) bytes of another range than was asked for")
    }
    return response.body
  }

  /// The first bytes, and what content they are of.
  private func head() async throws(VendorError) -> (CogVersion, Data) {
    let response = try await ask(for: 0..<Self.blockBytes, nil)
    do {
      guard response.status == 206 else { throw try refusal(response) }
    } catch let error as VendorError {
      throw error
    } catch {
      throw .unavailable(vendor: name, reason: "it answered \(response.status)")
    }
    let place = try contentRange(response)
    guard place.range.lowerBound == 0, response.body.count == place.range.count,
      place.range.upperBound == min(Self.blockBytes, place.total)
    else {
      throw malformed("it sent \(response.body.count) bytes of another range than was asked for")
    }
    return (CogVersion(byteCount: place.total, tag: response.fields["ETag"]), response.body)
  }

  private func ask(
    for range: Range<UInt64>, _ version: CogVersion?
  ) async throws(VendorError) -> HTTPResponse {
    var request = HTTPRequest(.get, path, to: endpoint)
    request.fields.append("Range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)")
    if let tag = version?.strongTag { request.fields.append("If-Match", tag) }
    // Room for a few words of refusal where little was asked for.
    request.limits.answerBytes = Int64(max(range.count, 4096))
    request.limits.total = .seconds(60 + range.count / 1000)
    do {
      return try await client.send(request)
    } catch {
      switch error {
      case .cancelled: throw .cancelled
      case .invalidRequest: throw .misconfigured(vendor: name, reason: error.description)
      case .answerTooLarge:
        throw malformed(
          "it sends more than the range that was asked for, so it does not serve ranges")
      default: throw .unavailable(vendor: name, reason: error.description)
      }
    }
  }

  /// `bytes 0-65535/7340032`.
  private func contentRange(
    _ response: HTTPResponse
  ) throws(VendorError) -> (range: Range<UInt64>, total: UInt64) {
    let text = response.fields["Content-Range"] ?? ""
    guard let match = text.wholeMatch(of: /bytes (\d{1,18})-(\d{1,18})\/(\d{1,18})/),
      let first = UInt64(match.1), let last = UInt64(match.2), let total = UInt64(match.3),
      first <= last, last < total
    else { throw malformed("its Content-Range is \"\(text.prefix(80))\"") }
    return (first..<last + 1, total)
  }

  /// What an answer without the range means.
  private func refusal(_ response: HTTPResponse) throws -> VendorError {
    let status = response.status
    let pause = response.fields["Retry-After"].flatMap(Int.init).map { Duration.seconds($0) }
      .map { max(.zero, min($0, Self.longestPause)) }
    switch status {
    case 412, 416: throw Changed()
    case 200:
      return malformed("it sends the whole file where a range was asked for")
    case 300..<400:
      return malformed("it redirects (\(status)), and redirects are not followed")
    case 429: return .rateLimited(vendor: name, retryAfter: pause)
    case 503 where pause != nil: return .rateLimited(vendor: name, retryAfter: pause)
    case 408, 425, 500...: return .unavailable(vendor: name, reason: "it answered \(status)")
    case 400..<500:
      return .refused(vendor: name, status: status, reason: "\(path.prefix { $0 != "?" })")
    default: return malformed("status \(status)")
    }
  }

  private func malformed(_ reason: String) -> VendorError {
    .malformedAnswer(vendor: name, reason: reason)
  }
}

/// The bytes of a remote file, in blocks: the entries of a directory lie near each other.
private struct RemoteSource: CogSource {
  private static let blockBytes: UInt64 = 1 << 16

  let byteCount: UInt64
  private var start: UInt64 = 0
  private var block: Data
  private let head: Data
  private let fetch: @Sendable (Range<UInt64>) async throws -> Data

  init(
    version: CogVersion, head: Data, fetch: @escaping @Sendable (Range<UInt64>) async throws -> Data
  ) {
    byteCount = version.byteCount
    self.head = head
    block = head
    self.fetch = fetch
  }

  mutating func bytes(_ range: Range<UInt64>) async throws -> [UInt8] {
    if range.upperBound <= head.count {
      return [UInt8](
        head[head.startIndex + Int(range.lowerBound)..<head.startIndex + Int(range.upperBound)])
    }
    if range.lowerBound < start || range.upperBound > start + UInt64(block.count) {
      let end = max(range.upperBound, min(range.lowerBound + Self.blockBytes, byteCount))
      block = try await fetch(range.lowerBound..<end)
      start = range.lowerBound
    }
    let first = block.startIndex + Int(range.lowerBound - start)
    return [UInt8](block[first..<first + range.count])
  }
}
