// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Whether the standard error leads to the journal.
public enum JournalStream {
  /// Compares `JOURNAL_STREAM` of the environment, device and inode, with the descriptor itself: a
  /// program that a service starts inherits the variable, whatever its own output is.
  public static func isStandardError(environment: [String: String]) -> Bool {
    guard let value = environment["JOURNAL_STREAM"] else { return false }
    var status = stat()
    guard fstat(STDERR_FILENO, &status) == 0 else { return false }
    return value == "\(status.st_dev):\(status.st_ino)"
  }
}
