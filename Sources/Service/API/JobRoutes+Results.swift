// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import HTTPTypes
import Hummingbird
import Planning
import Platform
import Reports
import Wire

/// What happens to a job, and what it has made.
extension JobRoutes {
  @Sendable func events(_ request: Request, _ context: APIContext) async throws -> Response {
    let job = try await job(context)
    let field = HTTPField.Name("Last-Event-ID").flatMap { request.headers[$0] } ?? "0"
    guard let last = Int64(field), last >= 0 else {
      throw ProblemDocument(
        "header-malformed", status: 400, title: "Malformed header",
        detail: "The id of the last event is no number.", where: "Last-Event-ID", got: field,
        do: "Send the id of the last event, or leave it out.")
    }
    return EventStream(store: store, hub: hub, job: job.id).response(after: last)
  }

  private func file(_ result: JobResult, _ context: APIContext) async throws -> Response {
    let job = try await job(context)
    let file = state.job(job.id).appending(path: result.rawValue)
    guard FileManager.default.fileExists(atPath: file.path) else { throw Self.notYet(job) }
    return Response(
      status: .ok, headers: [.contentType: "application/json"],
      body: try await FileIO().loadFile(path: file.path, context: context))
  }

  @Sendable func report(_ request: Request, _ context: APIContext) async throws -> Response {
    try await file(.report, context)
  }

  /// The plan as it is kept, or with `?format=geojson` as a map.
  @Sendable func plan(_ request: Request, _ context: APIContext) async throws -> Response {
    let format = request.uri.queryParameters.get("format") ?? "json"
    guard format == "geojson" else {
      guard format == "json" else {
        throw ProblemDocument(
          "query-malformed", status: 400, title: "Malformed query",
          detail: "A plan has no such format.", where: "?format", got: format,
          do: "Use json or geojson.")
      }
      return try await file(.plan, context)
    }
    let job = try await job(context)
    let file = state.job(job.id).appending(path: JobResult.plan.rawValue)
    guard FileManager.default.fileExists(atPath: file.path) else { throw Self.notYet(job) }
    let map = try await pool.run {
      let plan = try JSON.decoder().decode(Plan.self, from: Data(contentsOf: file))
      return try PlanGeoJSON.encode(plan, job: job.id)
    }
    return Answer.data(map, mediaType: "application/geo+json")
  }

  @Sendable func outputs(_ request: Request, _ context: APIContext) async throws -> Response {
    let folder = JobOutputs(folder: state.job(try await job(context).id))
    return try Answer.json(ItemList(items: try await pool.run { try folder.records() }))
  }

  @Sendable func output(_ request: Request, _ context: APIContext) async throws -> Response {
    let job = try await job(context)
    let name = try context.parameters.require("name")
    guard let file = JobOutputs(folder: state.job(job.id)).file(name) else {
      throw ProblemDocument.notFound(
        "Job \(job.id) has no output \(name).", do: "List them with /v1/jobs/\(job.id)/outputs.")
    }
    return Response(
      status: .ok, headers: [.contentType: JobOutputs.mediaType(of: name)],
      body: try await FileIO().loadFile(path: file.path, context: context))
  }

  private static func notYet(_ job: JobStore.StoredJob) -> ProblemDocument {
    ProblemDocument(
      "not-found", status: 404, title: "Not there",
      detail: "Job \(job.id) is \(job.state.rawValue) and has not made it.",
      do: job.request.dryRun
        ? "It is a dry run: it has a plan, and nothing else."
        : job.state.isFinal || job.state.waitsForPerson
          ? "See why with fovea job show." : "Wait for the job with fovea watch.")
  }
}
