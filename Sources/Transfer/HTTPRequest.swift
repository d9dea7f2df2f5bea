// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// The header fields of a request or an answer, in order.
public struct HTTPFields: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  /// One field.
  public struct Field: Hashable, Sendable {
    /// The name, as it was written.
    public let name: String
    /// The value, without white space around it.
    public let value: String
  }

  /// The fields, in order.
  public private(set) var fields: [Field] = []

  /// Creates a list without fields.
  public init() {}

  /// Creates a list from names and values.
  public init(dictionaryLiteral elements: (String, String)...) {
    for (name, value) in elements { append(name, value) }
  }

  /// Adds a field.
  public mutating func append(_ name: String, _ value: String) {
    fields.append(Field(name: name, value: value))
  }

  /// The value of the first field of a name; case does not matter.
  public subscript(_ name: String) -> String? {
    fields.first { $0.name.lowercased() == name.lowercased() }?.value
  }
}

/// One request to a server.
///
/// ```swift
/// let request = HTTPRequest(.post, "/v1/orders", to: endpoint, body: .data(bytes))
/// let response = try await client.send(request)
/// ```
public struct HTTPRequest: Sendable {
  /// What is asked for.
  public enum Method: String, Hashable, Sendable {
    /// Reads.
    case get = "GET"
    /// Creates or acts.
    case post = "POST"
    /// Stores.
    case put = "PUT"
    /// Changes.
    case patch = "PATCH"
    /// Removes.
    case delete = "DELETE"
  }

  /// What is sent.
  public enum Body: Hashable, Sendable {
    /// Nothing.
    case none
    /// Bytes.
    case data(Data)
    /// A file, read while it is sent.
    case file(URL)
  }

  /// How long and how large an exchange may become.
  public struct Limits: Hashable, Sendable {
    /// The largest body of an answer, in bytes; ignored where it goes into a file.
    public var answerBytes: Int64 = 8 << 20
    /// The time until the name is resolved and a connection stands.
    public var connect: Duration = .seconds(10)
    /// The time from the last byte of the request to the first of the answer.
    public var firstByte: Duration? = .seconds(60)
    /// How long less than 1 kB a second may flow; nil for streams that are silent at times.
    public var tooSlow: Duration? = .seconds(30)
    /// The time of the whole exchange; nil for streams.
    public var total: Duration? = .seconds(120)

    /// The limits of a short exchange.
    public init() {}

    /// The limits of a stream that a server keeps open.
    public static var stream: Limits {
      var limits = Limits()
      limits.firstByte = nil
      limits.tooSlow = nil
      limits.total = nil
      return limits
    }
  }

  /// What is asked for.
  public var method: Method
  /// Who is asked.
  public var endpoint: Endpoint
  /// The path and query, from the slash on, percent-encoded.
  public var path: String
  /// The header fields.
  public var fields: HTTPFields
  /// What is sent.
  public var body: Body
  /// How long and how large it may become.
  public var limits: Limits
  /// The hosts to which a `GET` may be redirected: a name, or `.example.com` for all below it.
  ///
  /// Nil follows no redirect at all, an empty list those that stay at the server. At most three are
  /// followed, to other hosts through https only, and no field that could be a credential goes along.
  public var redirectHosts: [String]?

  /// Creates a request.
  public init(
    _ method: Method, _ path: String, to endpoint: Endpoint, fields: HTTPFields = [:],
    body: Body = .none, limits: Limits = Limits()
  ) {
    self.method = method
    self.endpoint = endpoint
    self.path = path
    self.fields = fields
    self.body = body
    self.limits = limits
  }

  /// The fields that another host may see.
  private static let harmlessFields: Set<String> = ["accept", "range", "if-range", "if-match"]

  /// The same request to where a link of the server leads, which `redirectHosts` must allow.
  ///
  /// - Throws: `TransferError.forbiddenLink` where it does not.
  public func led(to link: String) throws(TransferError) -> HTTPRequest {
    var next = self
    (next.endpoint, next.path) = try endpoint.target(
      ofLink: link, from: path, hosts: redirectHosts ?? [])
    if !next.endpoint.isSameServer(as: endpoint) {
      next.fields = HTTPFields()
      for field in fields.fields where Self.harmlessFields.contains(field.name.lowercased()) {
        next.fields.append(field.name, field.value)
      }
    }
    return next
  }

  /// What messages say of the place: without a query.
  var shownURL: String { endpoint.shown(path) }

  /// Refuses what would change the meaning of the request on its way.
  ///
  /// libcurl sends header values as they are: a line break in one would begin another field.
  func check() throws(TransferError) {
    guard path.hasPrefix("/"), path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw .invalidRequest(
        what: "the path of \(shownURL) is not percent-encoded, or does not begin with a slash",
        remedy: "Encode it as RFC 3986 says.")
    }
    for field in fields.fields {
      let nameIsToken = field.name.utf8.allSatisfy { byte in
        (0x21...0x7E).contains(byte) && !Self.separators.contains(byte)
      }
      let valueIsLine = field.value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
      guard nameIsToken, !field.name.isEmpty, valueIsLine, field.value.utf8.count <= 8192 else {
        throw .invalidRequest(
          what: "the header field \"\(field.name.filter { $0.isLetter || $0 == "-" })\" has a "
            + "character that HTTP does not allow, or over 8192 bytes",
          remedy: "Take line breaks and control characters out of it.")
      }
    }
  }

  private static let separators = Set("()<>@,;:\\\"/[]?={} \t".utf8)
}

/// The answer to a request.
public struct HTTPResponse: Hashable, Sendable {
  /// The status code.
  public let status: Int
  /// The header fields.
  public let fields: HTTPFields
  /// The body; empty where it went into a file or a stream.
  public let body: Data

  /// Creates an answer.
  public init(status: Int, fields: HTTPFields, body: Data) {
    self.status = status
    self.fields = fields
    self.body = body
  }

  /// Whether the status is one of success.
  public var isSuccess: Bool { (200..<300).contains(status) }
}
