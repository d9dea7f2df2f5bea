// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import Logging
import Platform
import Raster
import Wire

/// `/v1/scenes`: scenes come as bodies and go through the one intake.
struct SceneRoutes: Sendable {
  let intake: SceneIntake
  let calls: KeyedCallStore

  func add(to routes: inout RouteTable) {
    routes.post("v1/scenes", role: .submit, limitsItsBody: true, add)
    routes.get("v1/scenes") { request, _ in
      let scenes = try await intake.scenes.scenes().map(\.record)
      return try Answer.json(try PageQuery(request).page(of: scenes, id: \.id))
    }
    routes.get("v1/scenes/:id") { _, context in
      try Answer.json(try await intake.scenes.scene(try context.parameters.require("id")).record)
    }
    routes.delete("v1/scenes/:id", role: .submit, remove)
  }

  @Sendable private func add(_ request: Request, _ context: APIContext) async throws -> Response {
    let key = try IdempotencyKey(request)
    let name = try Self.name(request)
    try Self.checkType(request)
    let limits = intake.limits
    let tooLarge = Self.tooLarge(limits)
    let length = request.headers[.contentLength].flatMap { UInt64($0) } ?? 0
    guard length <= limits.fileBytes else { throw tooLarge }
    try intake.checkSpace(forByteCount: length)
    let upload = intake.state.newUpload()
    // The bytes were copied by then; a file that stays is removed at the next start.
    defer { try? FileManager.default.removeItem(at: upload) }
    try await FileIO().writeFile(
      contents: CappedBody(body: request.body, limitBytes: limits.fileBytes, error: tooLarge),
      path: upload.path, context: context)
    let digest = try await intake.pool.run { try Digest.sha256(ofFileAt: upload) }
    let answer = try await calls.once(key, for: request, digest) {
      do {
        let (record, isNew) = try await intake.add(upload, name: name)
        return Taken(record: record, isNew: isNew)
      } catch let error as RasterError {
        throw ProblemDocument(error, of: name)
      }
    }
    let (record, actor) = (answer.record, await context.actor())
    context.logger.info(
      answer.isNew ? "scene taken in" : "scene was here already",
      metadata: ["scene": "\(record.id)", "actor": "\(actor)"])
    return try Answer.json(
      record, status: answer.isNew ? .created : .ok,
      headers: [.location: "/v1/scenes/\(record.id)"])
  }

  /// Answers with the scene that was removed.
  @Sendable private func remove(_ request: Request, _ context: APIContext) async throws -> Response
  {
    let scene = try await intake.scenes.scene(try context.parameters.require("id")).record
    try await intake.scenes.remove(scene.id)
    // Only now: a file without a record does no harm, and a record without its file would.
    try await intake.pool.run { [state = intake.state] in
      try FileManager.default.removeItem(at: state.scene(scene.id))
    }
    let actor = await context.actor()
    context.logger.info(
      "scene removed", metadata: ["scene": "\(scene.id)", "actor": "\(actor)"])
    return try Answer.json(scene)
  }

  /// The answer to an upload, as it is kept for its key.
  private struct Taken: Codable {
    let record: SceneRecord
    let isNew: Bool
  }

  /// Whatever says that it is something else than a TIFF is refused before it is read.
  private static func checkType(_ request: Request) throws {
    let known = ["image/tiff", "application/octet-stream"]
    let type = request.headers[.contentType]?.split(separator: ";").first?
      .trimmingCharacters(in: .whitespaces).lowercased()
    guard let type, known.contains(type) else {
      throw ProblemDocument(
        "unsupported-type", status: 415, title: "No GeoTIFF",
        detail: "The body's type is \(type ?? "not given").", where: "Content-Type",
        do: "Send the file's bytes as image/tiff.")
    }
  }

  private static func tooLarge(_ limits: IngestLimits) -> ProblemDocument {
    ProblemDocument(
      "too-large", status: 413, title: "Scene too large",
      detail: "The file has more than \(limits.fileBytes) bytes, the limit.",
      do: "Cut it with gdal_translate, or raise limits.scene.file_bytes in the configuration.")
  }

  /// The name for people: what is after the last slash of `?name=`, printable.
  private static func name(_ request: Request) throws -> String {
    let given = request.uri.queryParameters.get("name") ?? "scene.tif"
    guard let name = SceneIntake.name(given) else {
      throw ProblemDocument(
        "name-malformed", status: 422, title: "Name refused",
        detail: "The scene's name is not 1 to 200 bytes of printable text.", where: "?name",
        got: given, do: "Give the file's name, percent-encoded.")
    }
    return name
  }
}
