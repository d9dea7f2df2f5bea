// SPDX-License-Identifier: Apache-2.0

/// The version of all programs of this package (semver.org).
public enum ProgramVersion {
  /// `MAJOR.MINOR.PATCH`.
  public static let text = "0.1.0"
}
