// SPDX-License-Identifier: Apache-2.0

public import Foundation
import GRDB
import Platform

extension Ledger {
  /// Copies the ledger and its anchor into a folder, and checks the copy's chain.
  ///
  /// The copy is one consistent state, made by SQLite's backup API while the ledger stays open; it
  /// is a state directory's ledger, ready to be put in the place of a lost one.
  ///
  /// - Throws: `LedgerError.copyExists` rather than replacing a copy, `LedgerError.broken` when the
  ///   copy does not verify, and others about the files.
  @discardableResult
  public func backup(to folder: URL) throws(LedgerError) -> LedgerVerification {
    let copy = folder.appending(path: Self.fileName)
    guard !FileManager.default.fileExists(atPath: copy.path) else {
      throw .copyExists(path: copy.path)
    }
    do {
      try DurableFile.createFolder(folder)
      let head = try queue.read { database in
        try LedgerConnection.copy(database, to: copy)
        return try ChainHead.fetch(database)
      }
      try Anchor(in: folder).write(head)
    } catch let error as PlatformError {
      throw .inputOutput(path: copy.path, reason: "\(error)")
    } catch {
      throw LedgerError(error, path: copy.path)
    }
    let found = try Ledger(reading: folder).verify()
    guard found.isSound else { throw .broken(path: copy.path, verification: found) }
    return found
  }
}
