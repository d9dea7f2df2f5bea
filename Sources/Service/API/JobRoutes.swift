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
    "scene", "region", "bounds", "model", "vendor", "budget", "cap", "approve_over",
    "keep_threshold", "grid_origin", "grid_crs", "bands", "stretch", "priority", "dry_run", "tag",
  ]

  let store: JobStore
  let hub: EventHub
  let runner: JobRunner
  let steps: JobSteps
  let state: StateDirectory
  let pool: ComputePool
  let makeID: @Sendable () -> String

  func add(to routes: inout RouteTable) {
    routes.post("v1/jobs", role: .submit, submit)
    routes.get("v1/jobs", list)
    routes.get("v1/jobs/:id") { _, context in
      try Answer.json(try await record(try await job(context)))
    }
    routes.post("v1/jobs/:id/cancel", role: .submit) { _, context in
      let known = try await job(context)
      try context.requireBudget(known.request.budget)
      let job = try await runner.cancel(known.id, actor: context.actor())
      return try Answer.json(try await record(job), status: .accepted)
    }
    routes.post("v1/jobs/:id/retry", role: .spend) { _, context in
      let job = try await job(context)
      try context.requireBudget(job.request.budget)
      guard job.state == .parked else {
        throw ProblemDocument(
          "job-state", status: 409, title: "Not parked",
          detail: "The job is \(job.state.rawValue), and only a parked one can be taken up again.",
          do: "Look at it with fovea job show, or submit it anew.")
      }
      let retried = try await runner.retry(job.id, actor: context.actor())
      return try Answer.json(try await record(retried), status: .accepted)
    }
    routes.post("v1/jobs/:id/approve", role: .spend, approve)
    routes.get("v1/jobs/:id/events", events)
    routes.get("v1/jobs/:id/plan", plan)
    routes.get("v1/jobs/:id/report", report)
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
      return try Answer.json(
        try await record(earlier), headers: [.location: "/v1/jobs/\(earlier.id)"])
    }
    guard await !runner.isStopping else { throw CancellationError() }
    let asked = try Self.request(body)
    try context.requireBudget(asked.budget)
    try Self.requireApproval(asked, by: context)
    let admitted = try await steps.admit(asked)
    let actor = await context.actor()
    let (job, _) = try await store.submit(
      id: makeID(), request: admitted, key: key.text, bodyDigest: body.digest, actor: actor)
    runner.jobsChanged()
    context.logger.info("job submitted", metadata: ["job": "\(job.id)", "actor": "\(actor)"])
    return try Answer.json(
      try await record(job), status: .created, headers: [.location: "/v1/jobs/\(job.id)"])
  }

  /// Whoever may not spend may ask: the job waits until somebody who may approves its plan.
  private static func requireApproval(_ job: JobRequest, by context: APIContext) throws {
    if let role = context.role, role >= .spend { return }
    guard !job.dryRun, job.approveOver?.minorUnits != 0 else { return }
    throw ProblemDocument(
      "role-too-low", status: 403, title: "Not allowed",
      detail: "A token of the role submit gives jobs whose purchases a person approves.",
      where: "/approve_over", got: job.approveOver?.description,
      do: "Set approve_over to 0, or dry_run to true; or use a token of the role spend.")
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
      scene: try body.text("scene"), region: region,
      bounds: try body.optionalRectangle("bounds"), model: try body.text("model"),
      vendor: try body.text("vendor"), budget: try body.text("budget"),
      cap: try body.optionalMoney("cap"), approveOver: try body.optionalMoney("approve_over"),
      keepThreshold: try body.optionalNumber("keep_threshold"), gridOrigin: gridOrigin,
      gridCRS: try Self.crs(body), bands: try body.optionalBands("bands"),
      stretch: try body.optionalStretch("stretch"),
      priority: try body.optionalInteger("priority") ?? 0,
      dryRun: try body.optionalFlag("dry_run") ?? false, tag: tag)
  }

  private static func crs(_ body: BodyReader) throws -> String? {
    guard let crs = try body.optionalText("grid_crs") else { return nil }
    guard crs.wholeMatch(of: /EPSG:[1-9][0-9]{0,5}/) != nil else {
      throw ProblemDocument.field(
        "grid_crs", "This is no EPSG code.", got: crs, do: "Write it as EPSG:32633.")
    }
    return crs
  }

  @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
    let page = try PageQuery(request, largestPage: Self.largestPage)
    let jobs = try await store.jobs(
      after: page.after, limit: page.limit, filter: try Self.filter(request))
    var records: [JobRecord] = []
    for job in jobs { records.append(try await record(job)) }
    return try Answer.json(
      ItemList(items: records, next: jobs.count == page.limit ? jobs.last?.id : nil))
  }

  /// `?state=queued,parked&tag=spring`: both are optional.
  private static func filter(_ request: Request) throws -> JobStore.Filter {
    var filter = JobStore.Filter(tag: request.uri.queryParameters.get("tag"))
    for name in (request.uri.queryParameters.get("state") ?? "").split(separator: ",") {
      guard let state = JobState(rawValue: String(name)) else {
        let known = JobState.allCases.map(\.rawValue)
        let nearest = NearestName.of(String(name), among: known).map { "Did you mean \($0)? " }
        throw ProblemDocument(
          "query-malformed", status: 400, title: "Malformed query",
          detail: "A job has no such state.", where: "?state", got: String(name),
          do: (nearest ?? "") + "The states are \(known.joined(separator: ", ")).")
      }
      filter.states.insert(state)
    }
    return filter
  }

  func job(_ context: APIContext) async throws -> JobStore.StoredJob {
    try await store.job(try context.parameters.require("id"))
  }

  private func record(_ job: JobStore.StoredJob) async throws -> JobRecord {
    JobRecord(
      id: job.id, state: job.state, request: job.request, createdAt: job.createdAt,
      updatedAt: job.updatedAt, trouble: job.trouble, progress: hub.progress(of: job.id),
      plan: job.plan, stages: try await store.stages(of: job.id),
      money: await steps.money(job.id), isCancelRequested: job.isCancelRequested)
  }

  // MARK: Approval

  @Sendable private func approve(_ request: Request, _ context: APIContext) async throws -> Response
  {
    let seen = try await Self.approval(request)
    let job = try await job(context)
    try context.requireBudget(job.request.budget)
    guard job.state == .awaitingApproval else {
      throw ProblemDocument(
        "job-state", status: 409, title: "Not waiting for approval",
        detail: "The job is \(job.state.rawValue), and only one that is awaiting_approval can be "
          + "approved.", do: "Look at it with fovea job show.")
    }
    let isApproved = try await runner.approve(job.id, actor: context.actor()) { plan in
      (seen.plan ?? plan.sha256) == plan.sha256 && (seen.price ?? plan.price) == plan.price
    }
    let now = try await store.job(job.id)
    guard isApproved else {
      throw ProblemDocument(
        "plan-changed", status: 409, title: "Another plan",
        detail: "The job's plan is not the one that was seen: it costs "
          + "\(now.plan.map { "\($0.price)" } ?? "nothing") and has the SHA-256 "
          + "\(now.plan?.sha256 ?? "of no plan").",
        where: seen.plan == nil ? "/price" : "/plan", got: seen.plan ?? seen.price?.description,
        do: "Look at it again with fovea job show, then approve what it says.")
    }
    return try Answer.json(try await record(now), status: .accepted)
  }

  /// What the person saw; a request without a body approves the plan as it is.
  private static func approval(_ request: Request) async throws -> ApprovalRequest {
    guard request.headers[.contentType] != nil else { return ApprovalRequest() }
    let body = try await BodyReader(request, fields: ["plan", "price"])
    return ApprovalRequest(
      plan: try body.optionalText("plan"), price: try body.optionalMoney("price"))
  }
}
