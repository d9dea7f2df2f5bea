// SPDX-License-Identifier: Apache-2.0

/// The exit codes of every program, named as in `sysexits.h`.
public enum ExitCode: Int32, Sendable {
  /// Done.
  case done = 0
  /// Wrong use of the command line.
  case usage = 64
  /// Bad data, or refused; a failed ledger check.
  case badData = 65
  /// An input file is missing.
  case noInput = 66
  /// The daemon or a vendor cannot be reached.
  case unavailable = 69
  /// An invariant is broken.
  case invariant = 70
  /// An output cannot be created.
  case cannotCreate = 73
  /// Reading or writing failed.
  case inputOutput = 74
  /// Not now: over the limit, still running, locked.
  case tryLater = 75
  /// Not allowed.
  case notAllowed = 77
  /// The configuration is wrong.
  case configuration = 78
}
