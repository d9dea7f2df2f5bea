// SPDX-License-Identifier: Apache-2.0

package import Foundation
package import Platform

/// Where everything durable is: the names of the files and folders of one state directory.
///
/// | name | holds |
/// |---|---|
/// | `fovead.lock` | the lock: one daemon a directory |
/// | `ledger.sqlite`, `anchor` | money (`Ledger`) |
/// | `fovea.sqlite` | jobs, scenes, events |
/// | `scenes/ID.tif` | the clean copies of the scenes |
/// | `deliveries/` | what was bought |
/// | `jobs/ID/` | what each job has made |
/// | `models/` | bundles that a person added |
/// | `cog/NAME/` | the receipts of a vendor of kind cog, which has no books but ours |
/// | `uploads/` | scenes that are on their way in |
package struct StateDirectory: Sendable, Equatable {
  /// The directory itself.
  package let root: URL

  /// Names a state directory; nothing is created.
  package init(root: URL) { self.root = root }

  /// The file that is locked while a daemon runs.
  package var lockFile: URL { root.appending(path: "fovead.lock") }
  /// The database of jobs, scenes and events.
  package var database: URL { root.appending(path: "fovea.sqlite") }
  /// What was bought.
  package var deliveries: URL { folder("deliveries") }
  /// Bundles that a person added.
  package var models: URL { folder("models") }
  /// Copies of the ledger, a folder each.
  package var backups: URL { folder("backups") }

  /// The receipts of a vendor of kind cog.
  package func receipts(_ vendor: String) -> URL {
    folder("cog").appending(path: vendor, directoryHint: .isDirectory)
  }

  /// A name for a scene that is on its way in.
  package func newUpload() -> URL { uploads.appending(path: "\(UUID().uuidString).upload") }

  /// The clean copy of a scene.
  package func scene(_ id: String) -> URL { folder("scenes").appending(path: "\(id).tif") }

  /// The folder of a job.
  package func job(_ id: String) -> URL {
    folder("jobs").appending(path: id, directoryHint: .isDirectory)
  }

  /// Creates the folders, and removes the uploads that an earlier run left unfinished.
  package func create() throws(PlatformError) {
    try DurableFile.createFolder(root)
    for name in ["scenes", "deliveries", "jobs", "models", "uploads"] {
      try DurableFile.createFolder(folder(name))
    }
    let leftovers: [URL]
    do {
      leftovers = try FileManager.default.contentsOfDirectory(
        at: uploads, includingPropertiesForKeys: nil)
      for file in leftovers { try FileManager.default.removeItem(at: file) }
    } catch {
      throw .file(
        step: "tidy the folder", path: uploads.path, reason: error.localizedDescription)
    }
  }

  private var uploads: URL { folder("uploads") }

  private func folder(_ name: String) -> URL {
    root.appending(path: name, directoryHint: .isDirectory)
  }
}
