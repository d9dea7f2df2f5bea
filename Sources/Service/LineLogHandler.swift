// SPDX-License-Identifier: Apache-2.0

package import Foundation
package import Logging
import Platform

/// Log lines on the standard error: one line an event.
///
/// Under systemd, which sets `JOURNAL_STREAM`, a line begins with the journal's priority, `<6>`,
/// and has no time, since the journal has its own (`sd-daemon(3)`).
package struct LineLogHandler: LogHandler {
  package var logLevel: Logger.Level
  package var metadata: Logger.Metadata = [:]
  let label: String
  let isJournal: Bool
  let now: @Sendable () -> Date

  package init(
    label: String, logLevel: Logger.Level, isJournal: Bool, now: @escaping @Sendable () -> Date
  ) {
    self.label = label
    self.logLevel = logLevel
    self.isJournal = isJournal
    self.now = now
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    let line = text(level: event.level, message: "\(event.message)", metadata: event.metadata)
    // One write for one line, so that lines of several threads do not mix.
    FileHandle.standardError.write(Data((line + "\n").utf8))
  }

  /// The line of an event, without its end.
  package func text(level: Logger.Level, message: String, metadata extra: Logger.Metadata?)
    -> String
  {
    let fields = metadata.merging(extra ?? [:]) { $1 }
      // Hummingbird's number of a request says nothing to an operator.
      .filter { $0.key != "hb.request.id" }
      .sorted { $0.key < $1.key }.map { " \($0.key)=\(Self.escaped("\($0.value)"))" }
    let head =
      isJournal
      ? "<\(Self.priority(level))>" : "\(Timestamp.text(now())) \(level.rawValue) "
    return head + Self.escaped(message) + fields.joined()
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

  /// Control characters could forge lines or move a terminal's cursor.
  private static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { line, scalar in
      if scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) {
        line += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        line.unicodeScalars.append(scalar)
      }
    }
  }
}
