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

  @Test func `a file of somebody else is left alone`() throws {
    let file = folder.url.appending(path: "fovea.sqlite")
    try Data("this is no database, but some notes that a person wrote".utf8).write(to: file)
    let before = try Data(contentsOf: file)
    #expect(throws: StoreError.self) { try ServiceDatabase(file: file) }
    #expect(try Data(contentsOf: file) == before)
  }
}
