// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform

/// The newest entry's number and hash, in a file of its own.
///
/// SQLite opens a database whose journal was lost or cut without a word about the commits that are
/// gone. The anchor is written after every commit and before anything is sent, so a ledger that
/// lost a hold is behind its anchor, and is refused.
struct Anchor {
  let file: URL

  init(in directory: URL) { file = directory.appending(path: "anchor") }

  /// What the file says; nil when there is none.
  func read() throws(LedgerError) -> ChainHead? {
    let text: String
    do {
      text = try String(contentsOf: file, encoding: .utf8)
    } catch CocoaError.fileReadNoSuchFile {
      return nil
    } catch {
      throw .anchorUnreadable(path: file.path, reason: "cannot be read")
    }
    let parts = text.split(separator: "\n").first?.split(separator: " ") ?? []
    guard parts.count == 2, let seq = Int64(parts[0]), seq >= 0,
      let hash = Self.bytes(hexadecimal: parts[1])
    else {
      throw .anchorUnreadable(path: file.path, reason: "is not of the form NUMBER HASH")
    }
    return ChainHead(seq: seq, hash: hash)
  }

  /// Writes the head durably.
  func write(_ head: ChainHead) throws(LedgerError) {
    do {
      try DurableFile.write(
        Data("\(head.seq) \(Digest.hexadecimal(head.hash))\n".utf8), to: file)
    } catch {
      throw .inputOutput(path: file.path, reason: "\(error)")
    }
  }

  private static func bytes(hexadecimal text: Substring) -> Data? {
    guard text.utf8.count == 64 else { return nil }
    var data = Data()
    var rest = text[...]
    while !rest.isEmpty {
      guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
      data.append(byte)
      rest = rest.dropFirst(2)
    }
    return data
  }
}
