// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Service
import TestSupport
import Testing
import Wire

@Suite struct JobStoreTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func store() throws -> JobStore {
    JobStore(
      database: try ServiceDatabase(file: folder.url.appending(path: "fovea.sqlite")),
      now: { Date(timeIntervalSince1970: 1_772_366_400) })
  }

  private let digest = String(repeating: "a", count: 64)

  @Test func `a key gives one job, and refuses another body`() async throws {
    let store = try store()
    let first = try await store.submit(
      id: Samples.jobID(1), request: Samples.request, key: "k", bodyDigest: digest, actor: "uid:7")
    #expect(first.isNew)
    #expect(first.job.state == .queued)
    let again = try await store.submit(
      id: Samples.jobID(2), request: Samples.request, key: "k", bodyDigest: digest, actor: "uid:7")
    #expect(!again.isNew)
    #expect(again.job == first.job)
    await #expect(throws: StoreError.keyReused(key: "k", firstUsed: "2026-03-01T12:00:00.000Z")) {
      try await store.submit(
        id: Samples.jobID(3), request: Samples.request, key: "k",
        bodyDigest: String(repeating: "b", count: 64), actor: "uid:7")
    }
    #expect(try await store.jobs(after: nil, limit: 10).count == 1)
  }

  @Test func `states and events change together and survive a restart`() async throws {
    do {
      let store = try store()
      _ = try await store.submit(
        id: Samples.jobID(1), request: Samples.request, key: "k", bodyDigest: digest, actor: "a")
      _ = try await store.move(Samples.jobID(1), to: .surveying, message: "surveying")
      let trouble = Trouble(where: "buy", what: "No.", do: "Wait.")
      _ = try await store.move(
        Samples.jobID(1), to: .parked, message: "parked", trouble: trouble)
    }
    let store = try store()
    let job = try await store.job(Samples.jobID(1))
    #expect(job.state == .parked)
    #expect(job.trouble?.remedy == "Wait.")
    let events = try await store.events(of: job.id, after: 0)
    #expect(events.map(\.state) == [.queued, .surveying, .parked])
    #expect(events.map(\.id) == [1, 2, 3])
    #expect(try await store.events(of: job.id, after: 2).map(\.message) == ["parked"])
    #expect(try await store.runnable().isEmpty)
  }

  @Test func `an ended job stays as it ended`() async throws {
    let store = try store()
    _ = try await store.submit(
      id: Samples.jobID(1), request: Samples.request, key: "k", bodyDigest: digest, actor: "a")
    #expect(try await store.move(Samples.jobID(1), to: .done, message: "done") != nil)
    #expect(try await store.move(Samples.jobID(1), to: .failed, message: "late") == nil)
    let job = try await store.requestCancel(Samples.jobID(1), actor: "a")
    #expect(job.state == .done)
    #expect(!job.isCancelRequested)
  }

  @Test func `jobs are listed from the newest on, page by page`() async throws {
    let store = try store()
    for number in 1...5 {
      _ = try await store.submit(
        id: Samples.jobID(number), request: Samples.request, key: "k\(number)",
        bodyDigest: digest, actor: "a")
    }
    let page = try await store.jobs(after: nil, limit: 2)
    #expect(page.map(\.id) == [Samples.jobID(5), Samples.jobID(4)])
    let next = try await store.jobs(after: Samples.jobID(4), limit: 9)
    #expect(next.map(\.id) == [3, 2, 1].map(Samples.jobID))
    #expect(try await store.runnable().map(\.id) == (1...5).map(Samples.jobID))
  }

  @Test func `lists are cut to states and a tag`() async throws {
    let store = try store()
    for (number, tag) in [(1, "spring"), (2, nil), (3, "spring")] {
      let request = JobRequest(
        scene: "0123456789abcdef", model: "m", vendor: "v", budget: "b", tag: tag)
      _ = try await store.submit(
        id: Samples.jobID(number), request: request, key: "k\(number)", bodyDigest: digest,
        actor: "a")
    }
    _ = try await store.move(Samples.jobID(1), to: .parked, message: "parked")
    let spring = try await store.jobs(after: nil, limit: 9, filter: .init(tag: "spring"))
    #expect(spring.map(\.id) == [3, 1].map(Samples.jobID))
    let parked = try await store.jobs(
      after: nil, limit: 9, filter: .init(states: [.parked, .done], tag: "spring"))
    #expect(parked.map(\.id) == [Samples.jobID(1)])
    #expect(try await store.jobs(after: nil, limit: 9, filter: .init(tag: "x'--")).isEmpty)
  }

  @Test func `the most urgent job is the first, and of equals the oldest`() async throws {
    let store = try store()
    for (number, priority) in [(1, 0), (2, 5), (3, -100), (4, 5)] {
      let request = JobRequest(
        scene: "0123456789abcdef", model: "m", vendor: "v", budget: "b", priority: priority)
      _ = try await store.submit(
        id: Samples.jobID(number), request: request, key: "k\(number)", bodyDigest: digest,
        actor: "a")
    }
    #expect(try await store.runnable().map(\.id) == [2, 4, 1, 3].map(Samples.jobID))
  }

  @Test func `only the plan that was seen is approved, and only while it waits`() async throws {
    let store = try store()
    _ = try await store.submit(
      id: Samples.jobID(1), request: Samples.request, key: "k", bodyDigest: digest, actor: "a")
    let id = Samples.jobID(1)
    let plan = try Samples.plan(500)
    #expect(try await store.approve(id, actor: "a") { _ in true } == nil)
    _ = try await store.move(id, to: .awaitingApproval, message: "dear", plan: plan)
    #expect(try await store.runnable().isEmpty)
    #expect(try await store.approve(id, actor: "a") { $0.sha256 == "other" } == nil)
    let event = try await store.approve(id, actor: "uid:7") { $0 == plan }
    #expect(event?.message == "the plan for 5.00 EUR was approved by uid:7")
    let job = try await store.job(id)
    #expect(job.state == .queued)
    #expect(job.approvedPlan == plan.sha256)
    #expect(job.plan == plan)
  }

  @Test func `a database of version 1 is brought up to date, and keeps its job`() async throws {
    let fixture = TestPaths.root.appending(path: "Tests/ServiceTests/Fixtures/fovea-1.sqlite")
    let file = folder.url.appending(path: "fovea.sqlite")
    try FileManager.default.copyItem(at: fixture, to: file)
    for _ in 1...2 {
      let database = try ServiceDatabase(file: file)
      let store = JobStore(database: database, now: { Date() })
      let job = try #require(try await store.runnable().first)
      #expect(job.state == .ordering)
      #expect(job.request.tag == "first")
      #expect(job.request.cap?.minorUnits == 800)
      #expect(job.request.priority == 0 && !job.request.dryRun && job.plan == nil)
      #expect(try await store.events(of: job.id, after: 0).count > 3)
      #expect(try await SceneStore(database: database).scenes().count == 1)
      let time = StageTime(
        stage: "buy", startedAt: Date(timeIntervalSince1970: 1_772_366_400), durationS: 2)
      try await store.record(time, of: job.id)
      #expect(try await store.stages(of: job.id).last == time)
      try database.close()
    }
  }

  @Test func `a file of somebody else is left alone`() throws {
    let file = folder.url.appending(path: "fovea.sqlite")
    try Data("this is no database, but some notes that a person wrote".utf8).write(to: file)
    let before = try Data(contentsOf: file)
    #expect(throws: StoreError.self) { try ServiceDatabase(file: file) }
    #expect(try Data(contentsOf: file) == before)
  }
}
