// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import Logging
import NIOCore
import Raster
import Wire

/// `/v1/scenes`: scenes come as bodies and go through the one intake.
struct SceneRoutes: Sendable {
  let intake: SceneIntake

  func add(to routes: inout RouteTable) {
    routes.post("v1/scenes", add)
    routes.get("v1/scenes") { _, _ in
      try Answer.json(ItemList(items: try await intake.scenes.scenes().map(\.record)))
    }
    routes.get("v1/scenes/:id") { _, context in
      try Answer.json(try await intake.scenes.scene(try context.parameters.require("id")).record)
    }
  }

  @Sendable private func add(_ request: Request, _ context: APIContext) async throws -> Response {
    let name = try Self.name(request)
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
    let (record, isNew): (SceneRecord, Bool)
    do {
      (record, isNew) = try await intake.add(upload, name: name)
    } catch let error as RasterError {
      throw ProblemDocument(error, of: name)
    }
    let actor = await context.actor()
    context.logger.info(
      isNew ? "scene taken in" : "scene was here already",
      metadata: ["scene": "\(record.id)", "actor": "\(actor)"])
    return try Answer.json(
      record, status: isNew ? .created : .ok, headers: [.location: "/v1/scenes/\(record.id)"])
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
