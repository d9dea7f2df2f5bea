// SPDX-License-Identifier: Apache-2.0

package import Foundation
package import Logging
import Platform

/// Log lines, one an event, for people and the journal alike: the message, then its fields.
///
/// On a terminal a line begins with time and level. Under systemd it begins with the journal's
/// priority, `<6>`, and has no time, since the journal has its own (`sd-daemon(3)`). Addresses lose
/// their user and query, which may be secrets; control characters are escaped.
package struct LineLogHandler: LogHandler {
  package var metadata: Logger.Metadata = [:]
  private let threshold: LogThreshold
  private var ownLevel: Logger.Level?
  private let isJournal: Bool
  private let now: @Sendable () -> Date
  private let write: @Sendable (String) -> Void

  /// A handler that writes to the standard error.
  ///
  /// - Parameter write: takes each line, with its end, instead.
  package init(
    threshold: LogThreshold, isJournal: Bool, now: @escaping @Sendable () -> Date = { Date() },
    write: @escaping @Sendable (String) -> Void = LineLogHandler.writeToStandardError
  ) {
    self.threshold = threshold
    self.isJournal = isJournal
    self.now = now
    self.write = write
  }

  package var logLevel: Logger.Level {
    get { ownLevel ?? threshold.level }
    set { ownLevel = newValue }
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    write(line(event.level, "\(event.message)", metadata.merging(event.metadata ?? [:]) { $1 }))
  }

  private func line(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata)
    -> String
  {
    let head =
      isJournal
      ? "<\(Self.priority(level))>" : "\(Timestamp.text(now())) \(level.rawValue) "
    let fields =
      metadata
      // Hummingbird's number of a request says nothing to an operator.
      .filter { $0.key != "hb.request.id" }
      .sorted { $0.key < $1.key }.map { " \($0.key)=\(Self.value("\($0.value)"))" }
    return head + Self.escaped(Self.redacted(message)) + fields.joined() + "\n"
  }

  /// One write for one line, so that lines of several threads do not mix.
  package static func writeToStandardError(_ line: String) {
    FileHandle.standardError.write(Data(line.utf8))
  }

  private static func priority(_ level: Logger.Level) -> Int {
    switch level {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }

  /// A field's value; in quotes where its end would not be seen otherwise.
  private static func value(_ text: String) -> String {
    let shown = escaped(redacted(text))
    guard shown.isEmpty || shown.contains(where: { $0 == " " || $0 == "\"" }) else { return shown }
    return "\"\(shown.replacing("\"", with: "\\\""))\""
  }

  /// Addresses without user and query: signed links are secrets.
  private static func redacted(_ text: String) -> String {
    guard text.contains("://") else { return text }
    return text.replacing(
      /([A-Za-z][A-Za-z0-9+.\-]*:\/\/)(?:[^\s\/?#"'@]*@)?([^\s?#"'<>]*)([?#]\S*)?/
    ) { match in
      match.output.1 + match.output.2 + (match.output.3 == nil ? "" : "?...")
    }
  }

  /// Control characters could forge lines or move a terminal's cursor, and marks of direction could
  /// show a line in another order than it has.
  private static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { line, scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        line += "\\u{\(String(scalar.value, radix: 16))}"
      default: line.unicodeScalars.append(scalar)
      }
    }
  }
}
