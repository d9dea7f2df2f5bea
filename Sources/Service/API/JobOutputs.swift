// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform
import Reports
import Wire

/// The files of a job that its owner may fetch: those of the report, and the plan.
struct JobOutputs: Sendable {
  let folder: URL

  private static let names = ReportWriter.fileNames + [JobResult.plan.rawValue]

  /// The files that are there, by name; hashing them blocks.
  func records() throws(PlatformError) -> [OutputRecord] {
    var records: [OutputRecord] = []
    for name in Self.names.sorted() {
      guard let file = file(name) else { continue }
      // A file that vanishes meanwhile is not there.
      let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
      guard let byteCount = attributes?[.size] as? Int64 else { continue }
      records.append(
        OutputRecord(
          name: name, mediaType: Self.mediaType(of: name), byteCount: byteCount,
          sha256: try Digest.sha256(ofFileAt: file)))
    }
    return records
  }

  /// A file by its name; nil when it is no output, or not there.
  func file(_ name: String) -> URL? {
    guard Self.names.contains(name) else { return nil }
    let file = folder.appending(path: name)
    return FileManager.default.fileExists(atPath: file.path) ? file : nil
  }

  static func mediaType(of name: String) -> String {
    ReportFile(rawValue: name)?.mediaType ?? "application/json"
  }
}
