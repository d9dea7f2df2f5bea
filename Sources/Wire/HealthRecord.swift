// SPDX-License-Identifier: Apache-2.0

/// The answer of `/healthz` and `/readyz`.
public struct HealthRecord: Hashable, Sendable, Codable {
  /// One part of the daemon, or of what it needs.
  public struct Check: Hashable, Sendable, Codable {
    /// The part: `ledger`, `disk` and so on.
    public let part: String
    /// What is wrong with it and what to do; absent when nothing is.
    public let problem: String?

    /// Creates a check.
    public init(part: String, problem: String?) {
      self.part = part
      self.problem = problem
    }
  }

  /// `ok`, `degraded` while it works with a problem, or `stopping`.
  public let status: String
  /// The parts, by name; absent from `/healthz`.
  public let checks: [Check]?

  /// Creates an answer.
  public init(status: String, checks: [Check]? = nil) {
    self.status = status
    self.checks = checks
  }
}
