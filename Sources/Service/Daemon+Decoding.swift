// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import Platform
import Raster

extension Daemon {
  /// The decoder of what comes from outside, checked, so that whatever it lacks is known before a
  /// file needs it.
  ///
  /// - Throws: `RasterError.decoderUnavailable` where nothing can be decoded safely.
  static func decoder(
    _ configuration: Configuration, health: Health, logger: Logger, pool: ComputePool
  ) async throws -> RasterDecoder {
    let decoder = RasterDecoder(landlock: configuration.decodeLandlock) { incident in
      logger.notice(
        "a file was not decoded",
        metadata: [
          "end": "\(incident.end.words)", "sha256": "\(incident.inputDigest ?? "unreadable")",
          "reason": "\(incident.reason)",
        ])
    }
    let state = try await pool.run { try decoder.check() }
    logger.info("files from outside are decoded apart", metadata: ["by": "\(state.words)"])
    if state.landlockVersion == nil {
      logger.warning(
        "the kernel has no Landlock; the filter of system calls alone confines decoding")
      health.report(
        .decode,
        problem: "The kernel has no Landlock; the filter of system calls alone confines decoding. "
          + "Boot a kernel with lsm=landlock,... and set decode.landlock to required.")
    }
    return decoder
  }
}

extension DecoderState {
  /// The program and its walls, for the log and for people.
  var words: String {
    let landlock = landlockVersion.map { "Landlock \($0)" } ?? "no Landlock"
    return "\(program.path), with seccomp and \(landlock)"
  }
}
