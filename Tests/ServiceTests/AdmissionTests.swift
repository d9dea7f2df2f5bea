// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Client
import Foundation
import Service
import TestSupport
import Testing
import Wire

/// What a job names must be there and fit, before anything is queued.
@Suite(.timeLimit(.minutes(10))) struct AdmissionTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A daemon with a vendor that need not run, a scene and budgets.
  private func start() async throws -> (daemon: RunningDaemon, scene: String) {
    let file = folder.url.appending(path: "fovead.yaml")
    let prices = TestPaths.root.appending(path: "etc/vendors/fovea-vendor.yaml").path
    try Data(
      """
      vendors:
        - {name: demo, url: "unix:/nowhere.sock", trust: local, product: hr, prices: "\(prices)"}
      models:
        folders: ["\(TestPaths.root.appending(path: "etc/models").path)"]
      """.utf8
    ).write(to: file)
    let daemon = try await RunningDaemon(folder, configuration: file)
    let scene = try await daemon.client.addScene(
      TestPaths.root.appending(path: "etc/demo/eurosat_lr.tif"), name: "lr.tif")
    _ = try await daemon.client.createBudget(
      BudgetRequest(id: "euros", amount: Money(parsing: "5.00 EUR")))
    _ = try await daemon.client.createBudget(
      BudgetRequest(id: "dollars", amount: Money(parsing: "5.00 USD")))
    return (daemon, scene.id)
  }

  private func refusal(
    _ daemon: RunningDaemon, _ request: JobRequest
  ) async throws -> ProblemDocument? {
    do {
      _ = try await daemon.client.submit(request, idempotencyKey: UUID().uuidString)
      return nil
    } catch ClientError.refused(let problem) {
      return problem
    }
  }

  private func request(
    scene: String, region: Region? = nil, bounds: ProjectedRectangle? = nil,
    model: String = "none", vendor: String = "demo", budget: String = "euros",
    cap: Money? = nil, approveOver: Money? = nil, threshold: Double? = nil,
    origin: GridOrigin = .scene, priority: Int = 0
  ) -> JobRequest {
    JobRequest(
      scene: scene, region: region.map(RegionDocument.init), bounds: bounds, model: model,
      vendor: vendor, budget: budget, cap: cap, approveOver: approveOver,
      keepThreshold: threshold, gridOrigin: origin, priority: priority)
  }

  @Test func `each name that is unknown, and each value that does not fit, is told`() async throws {
    let (daemon, scene) = try await start()
    let cases: [(JobRequest, place: String, word: String)] = [
      (request(scene: "ffff"), "/scene", "fovea scene list"),
      (request(scene: scene, vendor: "dmo"), "/vendor", "Did you mean demo?"),
      (request(scene: scene, budget: "pounds"), "/budget", "fovea budget list"),
      (request(scene: scene, budget: "dollars"), "/budget", "in EUR"),
      (request(scene: scene, cap: try Money(parsing: "1.00 USD")), "/cap", "in EUR"),
      (
        request(scene: scene, approveOver: try Money(parsing: "1.00 USD")), "/approve_over",
        "in EUR"
      ),
      (
        JobRequest(
          scene: scene, model: "eurosat-s2-10m", vendor: "demo", budget: "euros",
          gridOrigin: .scene, stretch: Stretch(minimum: 0, maximum: 10_000)), "/stretch", "8-bit"
      ),
      (request(scene: scene, priority: 101), "/priority", "-100 to 100"),
      (
        request(
          scene: scene, bounds: ProjectedRectangle(west: 2, south: 0, east: 1, north: 1)),
        "/bounds", "not west"
      ),
      (
        request(
          scene: scene, region: try Region(west: 1, south: 2, east: 3, north: 4),
          bounds: ProjectedRectangle(west: 0, south: 0, east: 1, north: 1)),
        "/bounds", "not both"
      ),
      (request(scene: scene, threshold: 1.5), "/keep_threshold", "from 0 to 1"),
      (request(scene: scene), "/model", "fovea models"),
    ]
    for (request, place, word) in cases {
      let problem = try #require(try await refusal(daemon, request))
      #expect(problem.status == 422)
      #expect(problem.place == place)
      #expect(problem.description.contains(word), "\(problem)")
    }
    #expect(try await daemon.client.jobs().isEmpty)
    try await daemon.stop()
  }

  @Test func `a region that crosses itself, or lies elsewhere, is refused`() async throws {
    let (daemon, scene) = try await start()
    let corners = [(11.0, 48.0), (11.1, 48.1), (11.1, 48.0), (11.0, 48.1), (11.0, 48.0)]
    let bowTie = Region(
      polygons: [[corners.map { Coordinate(longitude: $0.0, latitude: $0.1) }]])
    let crossing = try #require(
      try await refusal(daemon, request(scene: scene, region: bowTie)))
    #expect(crossing.name == "region-invalid")
    #expect(crossing.place?.hasPrefix("/region/coordinates") == true)
    let elsewhere = try Region(west: 1, south: 2, east: 3, north: 4)
    let outside = try #require(
      try await refusal(daemon, request(scene: scene, region: elsewhere)))
    #expect(outside.name == "region-no-overlap")
    #expect(outside.detail.contains("lr.tif covers x 640130"))
    try await daemon.stop()
  }

  @Test func `a scene that the model's chips cannot be laid over is refused at once`() async throws
  {
    let (daemon, scene) = try await start()
    let huge = ProjectedRectangle(west: 0, south: 0, east: 9e6, north: 9e6)
    let model = "eurosat-s2-10m"
    let cases: [(JobRequest, name: String, place: String, word: String)] = [
      (
        request(scene: scene, model: "ucmerced-aerial-30cm"), "scene-too-coarse", "/scene",
        "use the model eurosat-s2-10m"
      ),
      (
        request(scene: scene, bounds: huge, model: model), "region-unsupported", "/bounds",
        "1000000"
      ),
    ]
    for (request, name, place, word) in cases {
      let problem = try #require(try await refusal(daemon, request))
      #expect(problem.status == 422)
      #expect(problem.name == name, "\(problem)")
      #expect(problem.place == place)
      #expect(problem.description.contains(word), "\(problem)")
    }
    #expect(try await refusal(daemon, request(scene: scene, model: model)) == nil)
    try await daemon.stop()
  }

  @Test func `a model's name is no path`() async throws {
    let (daemon, scene) = try await start()
    let request = JobRequest(
      scene: scene, model: "/etc/passwd", vendor: "demo", budget: "euros", gridOrigin: .scene)
    let problem = try #require(try await refusal(daemon, request))
    #expect(problem.place == "/model")
    #expect(try await daemon.client.vendors().map(\.currency) == ["EUR"])
    try await daemon.stop()
  }

  @Test func `a price list that is missing keeps the daemon from starting`() async throws {
    let file = folder.url.appending(path: "fovead.yaml")
    try Data(
      """
      vendors:
        - {name: a, url: "https://a.example", product: hr, prices: none.yaml}
        - {name: b, url: "https://b.example", product: none, prices: "\(
          TestPaths.root.appending(path: "etc/vendors/fovea-vendor.yaml").path)"}
      """.utf8
    ).write(to: file)
    let configuration = try Configuration.load(
      file: file, environment: ["FOVEA_STATE": folder.url.path], overrides: .init())
    let error = #expect(throws: ConfigurationError.self) { try Daemon.check(configuration) }
    #expect(error?.issues.count == 2)
    #expect(error?.description.contains("none.yaml") == true)
  }
}
