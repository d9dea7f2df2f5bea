// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import Synchronization

/// The tokens as the daemon asks for them: read again whenever their file has changed, so that a
/// revoked token is worth nothing from the next request on.
final class TokenBook: Sendable {
  /// What tells one version of the file from another.
  private struct Stamp: Equatable {
    var inode: UInt64 = 0
    var seconds = 0
    var nanoseconds = 0
  }

  private struct Page {
    var stamp: Stamp?
    var tokens: [AccessToken] = []
  }

  private let file: TokenFile
  private let logger: Logger
  private let page = Mutex(Page())

  init(file: TokenFile, logger: Logger) {
    self.file = file
    self.logger = logger
  }

  /// The token that `text` is, where it is one and its time has not run out.
  func token(_ text: Substring, at date: Date) -> AccessToken? {
    // Every token is compared, so that the time tells nothing.
    let found = current().reduce(nil as AccessToken?) { found, token in
      token.isMade(of: text) ? token : found
    }
    return found.flatMap { date < $0.until ? $0 : nil }
  }

  private func current() -> [AccessToken] {
    var status = stat()
    let isThere = stat(file.url.path, &status) == 0
    let stamp =
      isThere
      ? Stamp(
        inode: UInt64(status.st_ino), seconds: status.st_ctim.tv_sec,
        nanoseconds: status.st_ctim.tv_nsec) : Stamp()
    return page.withLock { page in
      if page.stamp == stamp { return page.tokens }
      do throws(TokenError) {
        page.tokens = try file.tokens()
      } catch {
        // Nobody gets in by a file that cannot be trusted.
        page.tokens = []
        logger.error("the tokens cannot be used", metadata: ["error": "\(error)"])
      }
      page.stamp = stamp
      return page.tokens
    }
  }
}
