// SPDX-License-Identifier: Apache-2.0

/// A piece of HTML or SVG, in which all text that is put in is escaped.
///
/// What is written out in our sources stands as it is; a class named `<b>` is shown, not obeyed.
///
/// ```swift
/// let name = "a & b"
/// let piece: Markup = "<p>\(name)</p>"
/// piece.text  // "<p>a &amp; b</p>"
/// ```
struct Markup: ExpressibleByStringInterpolation {
  let text: String

  init(stringLiteral text: String) { self.text = text }
  init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

  /// Pieces in lines of their own.
  init(_ pieces: [Markup]) { text = pieces.map(\.text).joined(separator: "\n") }

  /// Pieces without a space between them.
  init(joining pieces: [Markup]) { text = pieces.map(\.text).joined() }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }

    mutating func appendLiteral(_ literal: String) { text += literal }

    /// Text, escaped for elements and quoted attributes.
    mutating func appendInterpolation(_ text: String) {
      for character in text {
        switch character {
        case "&": self.text += "&amp;"
        case "<": self.text += "&lt;"
        case ">": self.text += "&gt;"
        case "\"": self.text += "&quot;"
        case "'": self.text += "&#39;"
        default: self.text.append(character)
        }
      }
    }

    mutating func appendInterpolation(_ markup: Markup) { text += markup.text }
    mutating func appendInterpolation(_ pieces: [Markup]) { text += Markup(pieces).text }
    mutating func appendInterpolation(_ number: Int) { text += String(number) }

    /// A length or a place, to a hundredth.
    mutating func appendInterpolation(_ number: Double) {
      let hundredths = Int((number * 100).rounded())
      text += hundredths % 100 == 0 ? String(hundredths / 100) : String(Double(hundredths) / 100)
    }
  }
}
