// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation

extension Printing {
  /// Prints what is known of one thing: its head, then a line for each row that says something.
  static func sheet(_ head: String, _ rows: [(String, String?)]) {
    print(plain(head))
    let known = rows.compactMap { name, text in text.map { (name, plain($0)) } }
    let width = known.map(\.0.count).max() ?? 0
    for (name, text) in known {
      print("  \(name)\(String(repeating: " ", count: width - name.count))  \(text)")
    }
  }

  /// From west to east as a person reads it.
  static func longitudes(of box: GeographicBox) -> String {
    "\(short(box.west)) to \(short(box.east))"
      + (box.crossesAntimeridian ? ", across the antimeridian" : "")
  }

  /// From south to north as a person reads it.
  static func latitudes(of box: GeographicBox) -> String {
    "\(short(box.south)) to \(short(box.north))"
  }

  /// A number with as many digits as a person reads.
  static func short(_ number: Double) -> String { String(format: "%.7g", number) }

  /// Text on one line that does nothing to a terminal, whatever a file is called.
  private static func plain(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: scalar.escaped(asASCII: true)
      default: String(scalar)
      }
    }.joined()
  }
}
