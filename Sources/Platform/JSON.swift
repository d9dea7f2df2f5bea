// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// The project's one JSON manner: snake_case keys, sorted, times as ``Timestamp``.
///
/// Wire types, bundles and reports go through these two, so that a file and an answer look alike.
public enum JSON {
  /// An encoder: keys in snake_case and sorted, slashes plain, times in RFC 3339.
  public static func encoder(pretty: Bool = false) -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting =
      pretty
      ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
      : [.sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .custom { date, encoder in
      var container = encoder.singleValueContainer()
      try container.encode(Timestamp.text(date))
    }
    return encoder
  }

  /// The decoder that reads what ``encoder(pretty:)`` writes.
  public static func decoder() -> JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    decoder.dateDecodingStrategy = .custom { decoder in
      let container = try decoder.singleValueContainer()
      let text = try container.decode(String.self)
      guard let date = Timestamp.date(text) else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "\(text) is not a time like 2026-03-01T12:00:00.000Z")
      }
      return date
    }
    return decoder
  }
}
