// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import Logging
import NIOCore
import Platform
import Raster
import Wire

/// `/v1/scenes`: scenes come as bodies, are read to the last pixel, and kept as clean copies.
struct SceneRoutes: Sendable {
  let scenes: SceneStore
  let state: StateDirectory
  let limits: IngestLimits
  /// Where rasters are read, which blocks.
  let pool: ComputePool
  let now: @Sendable () -> Date

  func add(to routes: inout RouteTable) {
    routes.post("v1/scenes", add)
    routes.get("v1/scenes") { _, _ in
      try Answer.json(ItemList(items: try await scenes.scenes().map(\.record)))
    }
    routes.get("v1/scenes/:id") { _, context in
      try Answer.json(try await scenes.scene(try context.parameters.require("id")).record)
    }
  }

  @Sendable private func add(_ request: Request, _ context: APIContext) async throws -> Response {
    let name = try Self.name(request)
    let length = request.headers[.contentLength].flatMap { UInt64($0) } ?? 0
    guard length <= limits.fileBytes else { throw tooLarge }
    let upload = state.incoming.appending(path: "\(UUID().uuidString).upload")
    // The bytes were copied by then; a file that stays is removed at the next start.
    defer { try? FileManager.default.removeItem(at: upload) }
    try await FileIO().writeFile(
      contents: CappedBody(body: request.body, limitBytes: limits.fileBytes, error: tooLarge),
      path: upload.path, context: context)
    let scene: StoredScene
    do {
      scene = try await ingest(upload, name: name)
    } catch let error as RasterError {
      throw ProblemDocument(error, of: name)
    }
    let (record, isNew) = try await scenes.add(scene)
    let actor = await context.actor()
    context.logger.info(
      isNew ? "scene taken in" : "scene was here already",
      metadata: ["scene": "\(record.id)", "actor": "\(actor)"])
    return try Answer.json(
      record, status: isNew ? .created : .ok, headers: [.location: "/v1/scenes/\(record.id)"])
  }

  /// Makes the clean copy under the name that the bytes' own digest gives.
  private func ingest(_ upload: URL, name: String) async throws -> StoredScene {
    let (state, limits, addedAt) = (state, limits, now())
    return try await pool.run {
      let clean = upload.deletingPathExtension().appendingPathExtension("clean.upload")
      // It has been renamed, or the start of the next daemon removes it.
      defer { try? FileManager.default.removeItem(at: clean) }
      let size = try FileManager.default.attributesOfItem(atPath: upload.path)[.size] as? Int64
      let facts = try Ingest.scene(upload, cleanCopy: clean, limits: limits)
      let id = String(facts.sourceDigest.prefix(16))
      if !FileManager.default.fileExists(atPath: state.scene(id).path) {
        try DurableFile.publish(clean, as: state.scene(id))
      }
      return StoredScene(
        record: SceneRecord(
          id: id, name: name, sha256: facts.sourceDigest, byteCount: size ?? 0, addedAt: addedAt,
          crs: facts.layout.crs, columnCount: facts.layout.width, rowCount: facts.layout.height,
          pixelSizeMetres: facts.groundSampleDistanceMetres, bandCount: facts.layout.bandCount,
          bounds: facts.layout.extent), facts: facts)
    }
  }

  private var tooLarge: ProblemDocument {
    ProblemDocument(
      "too-large", status: 413, title: "Scene too large",
      detail: "The file has more than \(limits.fileBytes) bytes, the limit.",
      do: "Cut it with gdal_translate, or raise limits.scene.file_bytes in the configuration.")
  }

  /// The name for people: what is after the last slash of `?name=`, printable.
  private static func name(_ request: Request) throws -> String {
    let given = request.uri.queryParameters.get("name") ?? "scene.tif"
    let name = given.split(separator: "/").last.map(String.init) ?? ""
    let isPrintable = name.unicodeScalars.allSatisfy { scalar in
      scalar.properties.generalCategory != .control
    }
    guard isPrintable, (1...200).contains(name.utf8.count) else {
      throw ProblemDocument(
        "name-malformed", status: 422, title: "Name refused",
        detail: "The scene's name is not 1 to 200 bytes of printable text.", where: "?name",
        got: given, do: "Give the file's name, percent-encoded.")
    }
    return name
  }
}

/// The pieces of a body up to a number of bytes; more is an error.
private struct CappedBody: AsyncSequence, Sendable {
  let body: RequestBody
  let limitBytes: UInt64
  let error: ProblemDocument

  struct AsyncIterator: AsyncIteratorProtocol {
    var pieces: RequestBody.AsyncIterator
    var restBytes: UInt64
    let error: ProblemDocument

    mutating func next() async throws -> ByteBuffer? {
      guard let piece = try await pieces.next() else { return nil }
      let count = UInt64(piece.readableBytes)
      guard count <= restBytes else { throw error }
      restBytes -= count
      return piece
    }
  }

  func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(pieces: body.makeAsyncIterator(), restBytes: limitBytes, error: error)
  }
}
