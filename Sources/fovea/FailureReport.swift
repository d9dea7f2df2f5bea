// SPDX-License-Identifier: Apache-2.0

import Acquisition
import ArgumentParser
import Client
import Foundation
import Ledger
import PatchDrop
import Platform
import Raster

/// How a command that failed ends: one line on standard error, and an exit code of `sysexits.h`.
enum FailureReport {
  /// Ends the program; what ArgumentParser threw for itself (help, usage) it reports itself.
  static func end(_ error: any Error) -> Never {
    guard let code = code(of: error) else { FoveaCommand.exit(withError: error) }
    Printing.error("fovea: \(text(of: error))")
    Foundation.exit(code.rawValue)
  }

  private static func code(of error: any Error) -> Platform.ExitCode? {
    switch error {
    case let error as ClientError: error.exitCode
    case let error as LedgerError: error.exitCode
    case let error as CommandFailure: error.code
    case is MoneyError, is RegionError, is RasterError, is DataSetError, is ModelError: .badData
    case let error as PlatformError:
      if case .locked = error { .tryLater } else { .inputOutput }
    case let error as CocoaError:
      error.code == .fileReadNoSuchFile || error.code == .fileNoSuchFile
        ? .noInput : .inputOutput
    default: nil
    }
  }

  private static func text(of error: any Error) -> String {
    guard let error = error as? CocoaError else { return "\(error)" }
    let path = (error.userInfo[NSFilePathErrorKey] as? String).map { "\($0): " } ?? ""
    return "\(path)\(error.localizedDescription) Check the path."
  }
}

/// A command's own end without success.
struct CommandFailure: Error, CustomStringConvertible {
  let description: String
  let code: Platform.ExitCode

  init(_ description: String, _ code: Platform.ExitCode) {
    self.description = description
    self.code = code
  }
}
