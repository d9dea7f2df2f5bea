// SPDX-License-Identifier: Apache-2.0

internal import CCurl

/// A server: an https host, or, where its configuration trusts it, a loopback port or a Unix socket.
///
/// ```swift
/// let vendor = try Endpoint("https://api.example.com/v2", trustsLocal: false)
/// let daemon = Endpoint(unixSocket: "/run/fovea/fovead.sock")
/// ```
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
  /// The longest path of a Unix socket, in bytes.
  public static let longestSocketPathBytes = 107

  enum Reach: Hashable {
    /// Any public address, through TLS.
    case publicHost
    /// An address of this machine, in the clear or through TLS.
    case loopback
    /// A socket in the file system.
    case unixSocket(path: String)
  }

  let reach: Reach
  /// Scheme, host, port and path, without a slash at the end.
  private var base: String

  private static let localHosts: Set<String> = ["localhost", "127.0.0.1", "[::1]"]

  /// Reads `https://HOST[:PORT][/PATH]`, and with `trustsLocal` also `http://127.0.0.1[:PORT]`,
  /// `http://[::1][:PORT]`, either through https, `https://localhost[:PORT]` and `unix:PATH`.
  ///
  /// - Throws: `TransferError.invalidRequest` for anything else.
  public init(_ text: String, trustsLocal: Bool) throws(TransferError) {
    if text.hasPrefix("unix:") {
      guard trustsLocal else { throw Self.needsTrust(text) }
      try self.init(unixSocket: String(text.dropFirst("unix:".count)))
    } else {
      try self.init(URLParts(text), trustsLocal: trustsLocal)
    }
  }

  private init(_ parts: URLParts, trustsLocal: Bool) throws(TransferError) {
    switch parts.scheme {
    case "https":
      reach =
        trustsLocal && Self.localHosts.contains(parts.host) ? .loopback : .publicHost
    case "http":
      guard trustsLocal else { throw Self.needsTrust(parts.withoutQuery) }
      guard ["127.0.0.1", "[::1]"].contains(parts.host) else {
        throw .invalidRequest(
          what: "\(parts.withoutQuery) is not this machine, and http is in the clear",
          remedy: "Use https, or http://127.0.0.1:PORT, http://[::1]:PORT or unix:PATH.")
      }
      reach = .loopback
    default:
      throw .invalidRequest(
        what: "\"\(parts.scheme)\" is not a scheme that is spoken here", remedy: "Use https.")
    }
    guard !parts.hasUser, !parts.hasQuery else {
      throw .invalidRequest(
        what: "the address \(parts.withoutQuery) has a user or a query",
        remedy: "Write it without; credentials have a place of their own in the configuration.")
    }
    base = parts.withoutQuery
  }

  /// The server behind a Unix socket.
  ///
  /// - Throws: `TransferError.invalidRequest` when the path is empty or too long for the system.
  public init(unixSocket path: String) throws(TransferError) {
    guard !path.isEmpty, path.utf8.count <= Self.longestSocketPathBytes else {
      throw .invalidRequest(
        what:
          "the socket path \"\(path)\" has \(path.utf8.count) bytes, and the system allows 1 to "
          + "\(Self.longestSocketPathBytes)", remedy: "Give a shorter path.")
    }
    reach = .unixSocket(path: path)
    base = "http://localhost"
  }

  /// The address, as it was configured.
  public var description: String {
    if case .unixSocket(let path) = reach { "unix:\(path)" } else { base }
  }

  /// The URL of a path with its query, as libcurl wants it.
  func url(of path: String) -> String { base + path }

  /// What messages say of a path: without its query, which may be a secret.
  func shown(_ path: String) -> String {
    description + path.prefix { $0 != "?" && $0 != "#" }
  }

  /// The path, with its query, of a link of this server; a path stays as it is.
  ///
  /// - Throws: `TransferError.invalidRequest` when the link leads to another server.
  public func path(ofLink link: String) throws(TransferError) -> String {
    if link.hasPrefix("/"), !link.hasPrefix("//") { return link }
    guard link.hasPrefix(base + "/") else {
      let shown = link.prefix { $0 != "?" && $0 != "#" }.prefix(200)
      throw .invalidRequest(
        what: "the link \(shown) does not lead to \(self)",
        remedy: "Links to other hosts are not followed; ask the vendor for links on its own host.")
    }
    return String(link.dropFirst(base.count))
  }

  /// Whether the connection is through TLS.
  var isSecure: Bool { base.hasPrefix("https:") }

  /// Scheme, host and port.
  private var origin: String {
    let path = base.firstRange(of: "://").flatMap { base[$0.upperBound...].firstIndex(of: "/") }
    return String(base[..<(path ?? base.endIndex)])
  }

  /// Whether credentials for this server may be shown to another.
  func isSameServer(as other: Endpoint) -> Bool { reach == other.reach && origin == other.origin }

  /// The server and path of a link, as it stands on a page of this server.
  ///
  /// A link may stay at this server or lead through https to one of the hosts; from a server of this
  /// machine also to another of it, where the hosts name it.
  ///
  /// - Throws: `TransferError.forbiddenLink` for any other.
  func target(
    ofLink link: String, from path: String, hosts: [String]
  ) throws(TransferError) -> (Endpoint, path: String) {
    guard let parts = try? URLParts(link, relativeTo: url(of: path)) else {
      throw .forbiddenLink(url: shown(path), host: "no address of the web")
    }
    var target = self
    target.base = origin
    if parts.origin == origin, !parts.hasUser { return (target, parts.pathAndQuery) }
    let isListed = hosts.contains { host in
      host == parts.host || (host.hasPrefix(".") && parts.host.hasSuffix(host))
    }
    let isLocal = reach == .loopback && Self.localHosts.contains(parts.host)
    guard isListed, parts.scheme == "https" || isLocal, !parts.hasUser else {
      throw .forbiddenLink(url: shown(path), host: parts.host)
    }
    return (try Endpoint(parts.origin, trustsLocal: isLocal), parts.pathAndQuery)
  }

  private static func needsTrust(_ text: String) -> TransferError {
    .invalidRequest(
      what: "\(text.prefix { $0 != "?" }) is an address of this machine",
      remedy: "Use https, or add `trust: local` to its entry in the configuration.")
  }
}

/// A URL as libcurl reads it, so that what is checked is what is used.
private struct URLParts {
  let scheme: String
  let host: String
  let hasUser: Bool
  let hasQuery: Bool
  let withoutQuery: String

  let origin: String
  let pathAndQuery: String

  /// - Parameter page: the URL that a link without a host belongs to.
  init(_ text: String, relativeTo page: String? = nil) throws(TransferError) {
    let invalid = TransferError.invalidRequest(
      what: "\"\(text.prefix { $0 != "?" }.prefix(200))\" is not a URL",
      remedy: "Write it like https://api.example.com/v1.")
    guard let url = curl_url() else { throw invalid }
    defer { curl_url_cleanup(url) }
    func part(_ part: CURLUPart) -> String? {
      var value: UnsafeMutablePointer<CChar>?
      guard curl_url_get(url, part, &value, 0) == CURLUE_OK, let value else { return nil }
      defer { curl_free(value) }
      return String(cString: value)
    }
    if let page { curl_url_set(url, CURLUPART_URL, page, 0) }
    // libcurl would take a name without a scheme for http.
    guard page != nil || text.contains("://"),
      curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK,
      let scheme = part(CURLUPART_SCHEME), let host = part(CURLUPART_HOST), !host.isEmpty
    else { throw invalid }
    self.scheme = scheme
    self.host = host
    origin = scheme + "://" + host + (part(CURLUPART_PORT).map { ":\($0)" } ?? "")
    pathAndQuery =
      (part(CURLUPART_PATH) ?? "/") + (part(CURLUPART_QUERY).map { "?\($0)" } ?? "")
    hasUser = part(CURLUPART_USER) != nil || part(CURLUPART_PASSWORD) != nil
    hasQuery = part(CURLUPART_QUERY) != nil || part(CURLUPART_FRAGMENT) != nil
    for secret in [CURLUPART_QUERY, CURLUPART_FRAGMENT, CURLUPART_USER, CURLUPART_PASSWORD] {
      curl_url_set(url, secret, nil, 0)
    }
    guard var whole = part(CURLUPART_URL) else { throw invalid }
    while whole.hasSuffix("/") { whole.removeLast() }
    withoutQuery = whole
  }
}
