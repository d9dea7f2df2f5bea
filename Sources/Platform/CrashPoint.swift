// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The points of a purchase at which tests end the process, K0 to K6 of the reliability rules.
///
/// A developer's build (`FOVEA_DEVELOPMENT=1`) obeys `FOVEA_CRASH_AT=K3`; an installed program has
/// no such trap.
public enum CrashPoint: String, Sendable, CaseIterable {
  /// A plan exists, no hold is committed.
  case planned = "K0"
  /// The hold is committed, no attempt is.
  case held = "K1"
  /// The attempt is committed, no answer is recorded.
  case attempted = "K2"
  /// The vendor has accepted, which is not recorded.
  case answered = "K3"
  /// The acceptance is recorded, a delivery is partly downloaded.
  case downloading = "K4"
  /// A delivery is stored and verified, the capture is not committed.
  case stored = "K5"
  /// The capture is committed, the job has not moved on.
  case captured = "K6"

  /// Ends this process by SIGKILL where the environment asks for this point.
  public func reach() {
    #if FOVEA_TEST_HOOKS
      if ProcessInfo.processInfo.environment["FOVEA_CRASH_AT"] == rawValue {
        kill(getpid(), SIGKILL)
      }
    #endif
  }
}
