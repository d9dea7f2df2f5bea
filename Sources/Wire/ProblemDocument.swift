// SPDX-License-Identifier: Apache-2.0

/// Why the daemon refused something: a problem document (RFC 9457) with three members of ours,
/// `where`, `got` and `do`.
///
/// ```swift
/// throw ProblemDocument(
///   "field-unknown", status: 422, title: "Unknown field", detail: "There is no such field.",
///   where: "/buget", do: "Did you mean /budget?")
/// ```
public struct ProblemDocument: Error, Hashable, Sendable, Codable {
  /// The media type of a problem document.
  public static let mediaType = "application/problem+json"
  /// What precedes the name in ``type``.
  public static let typePrefix = "urn:fovea:problem:"
  /// The largest number of characters of ``got``.
  public static let largestGotLength = 80

  /// The kind as a URN: `urn:fovea:problem:` and a name.
  public let type: String
  /// The kind in words, the same for every problem of one type.
  public let title: String
  /// The HTTP status.
  public let status: Int
  /// What is wrong this time, in a sentence.
  public let detail: String
  /// The path of the request.
  public var instance: String?
  /// Where it is wrong: a JSON pointer, a file with line and column, a header's name.
  public let place: String?
  /// What stood there, escaped, at most ``largestGotLength`` characters.
  public let got: String?
  /// What to do about it, in a sentence.
  public let remedy: String?

  private enum CodingKeys: String, CodingKey {
    case type
    case title
    case status
    case detail
    case instance
    case place = "where"
    case got
    case remedy = "do"
  }

  /// Creates a document of the type with the given name.
  public init(
    _ name: String, status: Int, title: String, detail: String, instance: String? = nil,
    where place: String? = nil, got: String? = nil, do remedy: String? = nil
  ) {
    type = Self.typePrefix + name
    self.title = title
    self.status = status
    self.detail = detail
    self.instance = instance
    self.place = place
    self.got = got.map(Self.shown)
    self.remedy = remedy
  }

  /// The name in ``type``, without the prefix.
  public var name: String {
    type.hasPrefix(Self.typePrefix) ? String(type.dropFirst(Self.typePrefix.count)) : type
  }

  /// A text with its control characters escaped, cut to ``largestGotLength`` characters.
  private static func shown(_ text: String) -> String {
    let escaped = text.unicodeScalars.prefix(largestGotLength + 1).map { scalar in
      scalar.value < 0x20 || scalar.value == 0x7F
        ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
    }
    let joined = escaped.joined()
    return joined.count > largestGotLength
      ? String(joined.prefix(largestGotLength - 1)) + "\u{2026}" : joined
  }
}

extension ProblemDocument: CustomStringConvertible {
  /// `WHERE: WHAT. DO`, as the command line prints it.
  public var description: String {
    let what = place.map { "\($0): \(detail)" } ?? detail
    return remedy.map { "\(what) \($0)" } ?? what
  }
}
