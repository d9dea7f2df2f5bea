// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Platform
import Testing
import Wire

@Suite struct WireTests {
  private static let at = Date(timeIntervalSince1970: 1_772_366_400.25)

  private static func euros(_ minorUnits: Int64) throws -> Money {
    try Money(minorUnits: minorUnits, currency: Currency(code: "EUR"))
  }

  private static func request() throws -> JobRequest {
    JobRequest(
      scene: "0123456789abcdef",
      region: RegionDocument(try Region(west: 9, south: 47, east: 9.5, north: 47.25)),
      model: "eurosat-s2-10m", vendor: "demo", budget: "spring", cap: try euros(1250),
      approveOver: try euros(900), keepThreshold: 0.5, gridOrigin: .scene,
      gridCRS: "EPSG:32633", bands: [3, 2, 1], stretch: Stretch("0,10000"), priority: -7,
      dryRun: true, tag: "first")
  }

  private static func plan() throws -> PlanSummary {
    PlanSummary(
      sha256: String(repeating: "a", count: 64), price: try euros(5), priceOfWanted: try euros(6),
      priceOfEverything: try euros(7), orderCount: 1, itemCount: 2, neededAreaM2: 1.5,
      billedAreaM2: 2.5, patches: .init(toBuy: 1, owned: 2, wanted: 3, everything: 16),
      chips: .init(surveyed: 1, buying: 1, tooFewValidPixels: 0, outsideScene: 2),
      estimatedLowResolutionAccuracy: 0.5, estimatedAccuracy: 0.75,
      reading: SceneReading(
        sceneCRS: "EPSG:4326", latticeCRS: "EPSG:32633", resampling: .average, bands: [1, 1, 1],
        stretch: Stretch("0,10 1,20 2,30")))
  }

  private func roundTrip<Value: Codable & Equatable>(_ value: Value) throws -> Value {
    try JSON.decoder().decode(Value.self, from: JSON.encoder().encode(value))
  }

  @Test func `a job request keeps its fields, and its JSON names`() throws {
    let request = try Self.request()
    #expect(try roundTrip(request) == request)
    let text = String(decoding: try JSON.encoder().encode(request), as: UTF8.self)
    #expect(text.contains(#""keep_threshold":0.5"#))
    #expect(text.contains(#""grid_origin":"scene""#))
    #expect(text.contains(#""cap":{"currency":"EUR","minor_units":1250}"#))
    #expect(text.contains(#""approve_over":{"currency":"EUR","minor_units":900}"#))
    #expect(text.contains(#""dry_run":true"#))
    #expect(text.contains(#""grid_crs":"EPSG:32633""#))
    #expect(text.contains(#""bands":[3,2,1]"#))
    #expect(text.contains(#""stretch":{"maximum":10000,"minimum":0}"#))
    #expect(text.contains(#""type":"MultiPolygon""#))
  }

  @Test func `a request from before there were priorities is read`() throws {
    let text = """
      {"scene": "0123456789abcdef", "model": "m", "vendor": "v", "budget": "b", "grid_origin": "crs"}
      """
    let request = try JSON.decoder().decode(JobRequest.self, from: Data(text.utf8))
    #expect(
      request == JobRequest(scene: "0123456789abcdef", model: "m", vendor: "v", budget: "b"))
  }

  @Test func `a job, its events and its trouble keep their fields`() throws {
    let job = JobRecord(
      id: "019", state: .awaitingApproval, request: try Self.request(), createdAt: Self.at,
      updatedAt: Self.at, trouble: Trouble(where: "buy", what: "No.", do: "Wait."),
      progress: StageProgress(stage: "survey", completed: 3, total: 9), plan: try Self.plan(),
      stages: [StageTime(stage: "survey", startedAt: Self.at, durationS: 0.25)],
      money: JobMoney(held: try Self.euros(5), spent: try Self.euros(7)), isCancelRequested: true)
    #expect(try roundTrip(job) == job)
    let event = JobEvent(
      id: nil, job: "019", at: Self.at, kind: .note, state: .acquiring, message: "stored")
    #expect(try roundTrip(event) == event)
    #expect(event.numbered(7).id == 7)
    let text = String(decoding: try JSON.encoder().encode(job), as: UTF8.self)
    #expect(text.contains(#""where":"buy""#))
    #expect(text.contains(#""state":"awaiting_approval""#))
    #expect(text.contains(#""needed_area_m2":1.5"#))
    #expect(text.contains(#""duration_s":0.25"#))
    #expect(text.contains(#""created_at":"2026-03-01T12:00:00.250Z""#))
  }

  @Test func `a problem has the members of RFC 9457 and ours`() throws {
    let problem = ProblemDocument(
      "field-unknown", status: 422, title: "Unknown field", detail: "There is no such field.",
      instance: "/v1/jobs", where: "/buget", got: "a\u{7}b" + String(repeating: "x", count: 200),
      do: "Did you mean /budget?")
    let data = try JSON.encoder().encode(problem)
    let members = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(
      Set(members.keys) == [
        "type", "title", "status", "detail", "instance", "where", "got", "do",
      ])
    #expect(members["type"] as? String == "urn:fovea:problem:field-unknown")
    #expect(problem.name == "field-unknown")
    #expect(problem.got?.hasPrefix(#"a\u{7}bxxx"#) == true)
    #expect(problem.got?.count == ProblemDocument.largestGotLength)
    #expect(problem.description == "/buget: There is no such field. Did you mean /budget?")
    #expect(try roundTrip(problem) == problem)
  }

  @Test func `a list names its next page, and says null on the last`() throws {
    let list = ItemList(items: [1, 2], next: nil)
    #expect(
      String(decoding: try JSON.encoder().encode(list), as: UTF8.self)
        == #"{"items":[1,2],"next":null}"#)
    let page = ItemList(items: ["a"], next: "b")
    let read = try JSON.decoder().decode(
      ItemList<String>.self, from: JSON.encoder().encode(page))
    #expect(read.items == ["a"])
    #expect(read.next == "b")
  }

  @Test func `records of scenes, budgets and the ledger keep their fields`() throws {
    let scene = SceneRecord(
      id: "0123456789abcdef", name: "lr.tif", sha256: "00", byteCount: 9, addedAt: Self.at,
      crs: "EPSG:32632", columnCount: 96, rowCount: 96, pixelSizeMetres: 80, bandCount: 3,
      bounds: ProjectedRectangle(west: 1, south: 2, east: 3, north: 4),
      footprint: RegionDocument(try Region(west: 179, south: 0, east: -179, north: 1)),
      acquiredAt: Self.at)
    #expect(try roundTrip(scene) == scene)
    let none = try Self.euros(0)
    let budget = BudgetRecord(
      id: "spring", granted: try Self.euros(10), free: none, held: none,
      spent: try Self.euros(10), disputed: none)
    #expect(try roundTrip(budget) == budget)
    let entry = LedgerEntryRecord(
      sequence: 1, at: Self.at, operation: "capture", budget: "spring", order: "k", item: 0,
      amount: none, actor: "uid:0", hash: "ff")
    #expect(try roundTrip(entry) == entry)
    #expect(!LedgerCheck(entryCount: 1, head: "ff", problems: ["x"]).isIntact)
  }

  @Test func `a region that is no MultiPolygon is not read`() {
    let text = #"{"type":"MultiPolygon","coordinates":[[[[1,2,3],[1,2],[2,2],[1,2]]]]}"#
    #expect(throws: DecodingError.self) {
      try JSON.decoder().decode(RegionDocument.self, from: Data(text.utf8))
    }
  }
}
