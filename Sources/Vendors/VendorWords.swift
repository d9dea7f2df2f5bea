// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Somebody else's text, made fit for a message of ours.
enum VendorWords {
  /// At most 200 bytes of it, without control characters.
  static func clean(_ body: Data) -> String {
    let text = String(decoding: body.prefix(200), as: UTF8.self)
    let shown = text.unicodeScalars.filter { scalar in
      ![.control, .format, .lineSeparator, .paragraphSeparator].contains(
        scalar.properties.generalCategory)
    }
    let line = String(String.UnicodeScalarView(shown))
    // It becomes part of a sentence of ours.
    return line.hasSuffix(".") ? String(line.dropLast()) : line
  }
}
