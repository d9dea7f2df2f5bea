// SPDX-License-Identifier: Apache-2.0

/// Why a report was not written.
public enum ReportError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is nothing to report on.
  case noChips(job: String)
  /// Two records of one job contradict each other.
  case contradiction(what: String)
  /// The report's money is not the ledger's (invariant I7).
  case ledgerDisagrees(what: String, reported: String, ledger: String)

  /// What happened, and what to do.
  public var description: String {
    switch self {
    case .noChips(let job):
      "job \(job) has no chips, so there is nothing to report on. Give a region that the scene "
        + "covers."
    case .contradiction(let what):
      "the records of the job contradict each other: \(what). Run `fovea ledger verify` and keep "
        + "the job's folder for a look."
    case .ledgerDisagrees(let what, let reported, let ledger):
      "\(what) is \(reported) in the report, but \(ledger) in the ledger. Believe the ledger, and "
        + "run `fovea ledger verify`."
    }
  }
}
