// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Platform

/// Numbers as a report writes them; the same on every machine, whatever its language.
enum Figures {
  /// A whole number with commas: `12,304`.
  static func count(_ value: Int) -> String { grouped(String(value)) }

  /// A number with a fixed count of decimals, commas in its whole part.
  static func decimal(_ value: Double, digits: Int) -> String {
    let parts = plain(value, digits: digits).split(separator: ".")
    return ([grouped(String(parts[0]))] + parts.dropFirst().map(String.init))
      .joined(separator: ".")
  }

  /// A number with a fixed count of decimals and nothing else, as files have it.
  ///
  /// Its magnitude must be small enough for 10^digits times it to fit an Int64.
  static func plain(_ value: Double, digits: Int) -> String {
    let scale = (0..<digits).reduce(Int64(1)) { scale, _ in scale * 10 }
    let scaled = Int64((value * Double(scale)).rounded())
    let whole = String(scaled.magnitude / scale.magnitude)
    let sign = scaled < 0 ? "-" : ""
    guard digits > 0 else { return sign + whole }
    let fraction = String(scaled.magnitude % scale.magnitude)
    let zeros = String(repeating: "0", count: digits - fraction.count)
    return "\(sign)\(whole).\(zeros)\(fraction)"
  }

  /// A share as a percentage with one decimal: `13.5 %`, the space not breaking.
  static func percent(_ share: Double) -> String { plain(100 * share, digits: 1) + "\u{A0}%" }

  /// An amount with commas: `1,234.50 EUR`, the space not breaking.
  static func money(_ amount: Money) -> String {
    let parts = amount.decimalText.split(separator: ".")
    let number = [grouped(String(parts[0]))] + parts.dropFirst().map(String.init)
    return "\(number.joined(separator: "."))\u{A0}\(amount.currency)"
  }

  /// An area in square kilometres, with the decimals that its size deserves.
  static func squareKilometres(_ value: Double) -> String {
    decimal(value, digits: value < 1 ? 4 : value < 100 ? 2 : 1) + "\u{A0}km²"
  }

  /// A length in metres or kilometres: `640 m`, `19.2 km`.
  static func length(metres: Double) -> String {
    metres < 1000
      ? trimmed(decimal(metres, digits: 1)) + "\u{A0}m"
      : trimmed(decimal(metres / 1000, digits: 1)) + "\u{A0}km"
  }

  /// A point in time to the second: `2026-03-01 12:00:05 UTC`.
  static func time(_ date: Date) -> String {
    Timestamp.text(date).prefix(19).replacing("T", with: " ") + " UTC"
  }

  /// A duration in words: `0.4 s`, `41 s`, `3 min 20 s`, `2 h 5 min`.
  static func duration(seconds: Double) -> String {
    guard seconds >= 10 else { return plain(max(0, seconds), digits: 1) + " s" }
    let seconds = Int(max(0, seconds).rounded())
    switch seconds {
    case ..<60: return "\(seconds) s"
    case ..<3600: return "\(seconds / 60) min \(seconds % 60) s"
    default: return "\(seconds / 3600) h \(seconds % 3600 / 60) min"
    }
  }

  /// A number and its noun: `1 chip`, `12,304 chips`.
  static func counted(_ value: Int, _ noun: String) -> String {
    "\(count(value)) \(noun)\(value == 1 ? "" : noun.hasSuffix("ch") ? "es" : "s")"
  }

  private static func trimmed(_ number: String) -> String {
    number.hasSuffix(".0") ? String(number.dropLast(2)) : number
  }

  private static func grouped(_ digits: String) -> String {
    let sign = digits.hasPrefix("-") ? "-" : ""
    var result = ""
    let bare = digits.dropFirst(sign.count)
    for (index, digit) in bare.enumerated() {
      if index > 0, (bare.count - index) % 3 == 0 { result.append(",") }
      result.append(digit)
    }
    return sign + result
  }
}
