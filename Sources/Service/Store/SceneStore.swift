// SPDX-License-Identifier: Apache-2.0

import Acquisition
import GRDB
package import Raster
package import Wire

/// A scene as it is kept: what people see of it, and what the steps of a job need.
package struct StoredScene: Sendable, Codable, Equatable {
  /// What people see of it.
  package let record: SceneRecord
  /// Its shape and place.
  package let facts: SceneFacts

  /// Creates a record.
  package init(record: SceneRecord, facts: SceneFacts) {
    self.record = record
    self.facts = facts
  }
}

/// The scenes that were taken in; a scene's clean copy is safe before its record is written.
package struct SceneStore: Sendable {
  private let database: ServiceDatabase

  /// Works on an open database.
  package init(database: ServiceDatabase) { self.database = database }

  /// Adds a scene.
  ///
  /// - Returns: the record that is kept: the first one, when the same bytes came before.
  package func add(
    _ scene: StoredScene
  ) async throws(StoreError) -> (record: SceneRecord, isNew: Bool) {
    try await database.write { database in
      try database.execute(
        sql: "INSERT OR IGNORE INTO scene (id, record) VALUES (?, ?)",
        arguments: [scene.record.id, try ServiceDatabase.text(scene)])
      let isNew = database.changesCount == 1
      let text = try String.fetchOne(
        database, sql: "SELECT record FROM scene WHERE id = ?", arguments: [scene.record.id])
      let kept = try text.map { try ServiceDatabase.value(StoredScene.self, $0) }
      return (kept?.record ?? scene.record, isNew)
    }
  }

  /// All scenes, the newest first.
  package func scenes() async throws(StoreError) -> [StoredScene] {
    let scenes = try await database.read { database in
      try String.fetchAll(database, sql: "SELECT record FROM scene").map {
        try ServiceDatabase.value(StoredScene.self, $0)
      }
    }
    return scenes.sorted { ($0.record.addedAt, $0.record.id) > ($1.record.addedAt, $1.record.id) }
  }

  /// How many scenes there are.
  package func count() async throws(StoreError) -> Int {
    try await database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM scene") ?? 0 }
  }

  /// Removes a scene's record; its file is then nobody's.
  ///
  /// - Parameter id: the whole id.
  /// - Throws: `StoreError.sceneInUse` while a job that has not ended looks at it.
  package func remove(_ id: String) async throws(StoreError) {
    let ended = JobStore.list(JobState.allCases.filter(\.isFinal))
    try await database.write { database in
      let users = try String.fetchAll(
        database,
        sql: """
          SELECT id FROM job WHERE state NOT IN (\(ended)) AND json_extract(request, '$.scene') = ?
          ORDER BY id LIMIT 10
          """, arguments: [id])
      guard users.isEmpty else { throw StoreError.sceneInUse(id, jobs: users) }
      try database.execute(sql: "DELETE FROM scene WHERE id = ?", arguments: [id])
    }
  }

  /// The scene whose id begins with `prefix`, of four digits or more.
  ///
  /// - Throws: `StoreError.noSuchScene`, `StoreError.ambiguousScene`.
  package func scene(_ prefix: String) async throws(StoreError) -> StoredScene {
    let found = try await scenes().filter { prefix.count >= 4 && $0.record.id.hasPrefix(prefix) }
    guard let scene = found.first else { throw .noSuchScene(prefix) }
    guard found.count == 1 else { throw .ambiguousScene(prefix, found.map(\.record.id)) }
    return scene
  }
}
