// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Platform
import Wire

/// `/v1/jobs`: the queue, its events, and what each job has made.
struct JobRoutes: Sendable {
  private static let largestPage = 1000
  private static let fields = [
    "scene", "region", "model", "vendor", "budget", "cap", "keep_threshold", "grid_origin", "tag",
  ]

  let store: JobStore
  let hub: EventHub
  let runner: JobRunner
  let steps: JobSteps
  let state: StateDirectory
  let pool: ComputePool
  let makeID: @Sendable () -> String

  func add(to routes: inout RouteTable) {
    routes.post("v1/jobs", submit)
    routes.get("v1/jobs", list)
    routes.get("v1/jobs/:id") { _, context in
      try Answer.json(await record(try await job(context)))
    }
    routes.post("v1/jobs/:id/cancel") { _, context in
      let job = try await runner.cancel(try await job(context).id, actor: context.actor())
      return try Answer.json(await record(job), status: .accepted)
    }
    routes.post("v1/jobs/:id/retry") { _, context in
      let job = try await job(context)
      guard job.state == .parked else {
        throw ProblemDocument(
          "job-state", status: 409, title: "Not parked",
          detail: "The job is \(job.state.rawValue), and only a parked one can be taken up again.",
          do: "Look at it with fovea job show, or submit it anew.")
      }
      return try Answer.json(
        await record(try await runner.retry(job.id, actor: context.actor())), status: .accepted)
    }
    routes.get("v1/jobs/:id/events", events)
    routes.get("v1/jobs/:id/plan") { _, context in try await file(.plan, context) }
    routes.get("v1/jobs/:id/report") { _, context in try await file(.report, context) }
    routes.get("v1/jobs/:id/outputs", outputs)
    routes.get("v1/jobs/:id/outputs/:name", output)
  }

  // MARK: Submission and lists

  @Sendable private func submit(_ request: Request, _ context: APIContext) async throws -> Response
  {
    let key = try IdempotencyKey(request)
    let body = try await BodyReader(request, fields: Self.fields)
    // An answer that was lost is given again, whatever has changed since.
    if let earlier = try await store.submitted(key: key.text, bodyDigest: body.digest) {
      return try Answer.json(await record(earlier), headers: [.location: "/v1/jobs/\(earlier.id)"])
    }
    guard await !runner.isStopping else { throw CancellationError() }
    let admitted = try await steps.admit(try Self.request(body))
    let actor = await context.actor()
    let (job, _) = try await store.submit(
      id: makeID(), request: admitted, key: key.text, bodyDigest: body.digest, actor: actor)
    runner.jobsChanged()
    context.logger.info("job submitted", metadata: ["job": "\(job.id)", "actor": "\(actor)"])
    return try Answer.json(
      await record(job), status: .created, headers: [.location: "/v1/jobs/\(job.id)"])
  }

  private static func request(_ body: BodyReader) throws -> JobRequest {
    var region: RegionDocument?
    if let value = body.value("region") {
      do {
        region = RegionDocument(try Region(document: value))
      } catch {
        throw ProblemDocument(error, pointer: "/region")
      }
    }
    let origin = try body.optionalText("grid_origin") ?? "crs"
    guard let gridOrigin = GridOrigin(origin) else {
      throw ProblemDocument.field(
        "grid_origin", "This is no grid origin.", got: origin, do: "Use crs, scene or X,Y.")
    }
    let tag = try body.optionalText("tag")
    guard tag?.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) != true
    else {
      throw ProblemDocument.field(
        "tag", "The tag has a control character.", do: "Use printable characters only.")
    }
    guard tag.map({ $0.utf8.count <= 200 }) ?? true else {
      throw ProblemDocument.field("tag", "The tag is longer than 200 bytes.", do: "Shorten it.")
    }
    return JobRequest(
      scene: try body.text("scene"), region: region, model: try body.text("model"),
      vendor: try body.text("vendor"), budget: try body.text("budget"),
      cap: try body.optionalMoney("cap"), keepThreshold: try body.optionalNumber("keep_threshold"),
      gridOrigin: gridOrigin, tag: tag)
  }

  @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
    let page = try PageQuery(request, largestPage: Self.largestPage)
    let jobs = try await store.jobs(after: page.after, limit: page.limit)
    var records: [JobRecord] = []
    for job in jobs { records.append(await record(job)) }
    return try Answer.json(
      ItemList(items: records, next: jobs.count == page.limit ? jobs.last?.id : nil))
  }

  private func job(_ context: APIContext) async throws -> JobStore.StoredJob {
    try await store.job(try context.parameters.require("id"))
  }

  private func record(_ job: JobStore.StoredJob) async -> JobRecord {
    JobRecord(
      id: job.id, state: job.state, request: job.request, createdAt: job.createdAt,
      updatedAt: job.updatedAt, trouble: job.trouble, progress: hub.progress(of: job.id),
      money: await steps.money(job.id), isCancelRequested: job.isCancelRequested)
  }

  // MARK: Events and results

  @Sendable private func events(_ request: Request, _ context: APIContext) async throws -> Response
  {
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

  @Sendable private func outputs(_ request: Request, _ context: APIContext) async throws -> Response
  {
    let folder = JobOutputs(folder: state.job(try await job(context).id))
    return try Answer.json(ItemList(items: try await pool.run { try folder.records() }))
  }

  @Sendable private func output(_ request: Request, _ context: APIContext) async throws -> Response
  {
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
      do: job.state.isFinal || job.state == .parked
        ? "See why with fovea job show." : "Wait for the job with fovea watch.")
  }
}
