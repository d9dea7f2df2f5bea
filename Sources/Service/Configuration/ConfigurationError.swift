// SPDX-License-Identifier: Apache-2.0

/// Everything that is wrong with a configuration, in the file's order.
public struct ConfigurationError: Error, Equatable, CustomStringConvertible {
  /// One mistake.
  public struct Issue: Sendable, Equatable, CustomStringConvertible {
    /// Where it is: `fovead.yaml:12`, or a variable's name.
    public let place: String
    /// What is wrong.
    public let what: String
    /// What to do.
    public let remedy: String

    /// Creates a record of a mistake.
    public init(place: String, what: String, remedy: String) {
      self.place = place
      self.what = what
      self.remedy = remedy
    }

    /// `WHERE: WHAT. DO`.
    public var description: String { "\(place): \(what). \(remedy)" }
  }

  /// The mistakes, at least one.
  public let issues: [Issue]

  /// Creates an error.
  public init(issues: [Issue]) {
    precondition(!issues.isEmpty, "an error has a cause")
    self.issues = issues
  }

  /// One line for all mistakes, for the log.
  package var line: String { issues.map(\.description).joined(separator: " ") }

  /// One line for each mistake.
  public var description: String { issues.map(\.description).joined(separator: "\n") }
}
