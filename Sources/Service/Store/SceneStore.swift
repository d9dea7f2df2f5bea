// SPDX-License-Identifier: Apache-2.0

import GRDB
package import Wire

/// The scenes that were taken in; a scene's clean copy is safe before its record is written.
package struct SceneStore: Sendable {
  private let database: ServiceDatabase

  /// Works on an open database.
  package init(database: ServiceDatabase) { self.database = database }

  /// Adds a scene.
  ///
  /// - Returns: the record that is kept: the first one, when the same bytes came before.
  package func add(_ scene: SceneRecord) async throws(StoreError) -> (SceneRecord, isNew: Bool) {
    try await database.write { database in
      try database.execute(
        sql: "INSERT OR IGNORE INTO scene (id, record) VALUES (?, ?)",
        arguments: [scene.id, try ServiceDatabase.text(scene)])
      let isNew = database.changesCount == 1
      let text = try String.fetchOne(
        database, sql: "SELECT record FROM scene WHERE id = ?", arguments: [scene.id])
      return (try text.map { try ServiceDatabase.value(SceneRecord.self, $0) } ?? scene, isNew)
    }
  }

  /// All scenes, the newest first.
  package func scenes() async throws(StoreError) -> [SceneRecord] {
    let records = try await database.read { database in
      try String.fetchAll(database, sql: "SELECT record FROM scene").map {
        try ServiceDatabase.value(SceneRecord.self, $0)
      }
    }
    return records.sorted { ($0.addedAt, $0.id) > ($1.addedAt, $1.id) }
  }

  /// The scenes whose id begins with `prefix`: one, where it names a scene.
  package func scenes(idPrefix prefix: String) async throws(StoreError) -> [SceneRecord] {
    try await scenes().filter { $0.id.hasPrefix(prefix) }
  }
}
