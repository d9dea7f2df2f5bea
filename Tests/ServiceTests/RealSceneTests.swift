// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Client
import Foundation
import Service
import TestSupport
import Testing
import Wire

/// A job on each of the real scenes: told what is missing until it can run, then a dry run.
@Suite(
  .enabled(if: TestPaths.shared != nil, "SKIPPED: the shared data are not beside the checkout"),
  .timeLimit(.minutes(5)))
struct RealSceneTests {
  /// A scene, the bands that a person would choose, and what is to be looked at.
  struct Scene {
    let file: String
    var model = "eurosat-s2-10m"
    var bands: [Int]?
    var region: Region?
    /// The side of a square in the scene's middle, in metres of its system; all of it where nil.
    var side: Double?
    /// The refusals on the way, in order.
    let refusals: [String]
    /// The chips' system, or nil where the job cannot run.
    let lattice: String?
    var resampling = LowResampling.average
  }

  static func scenes() throws -> [Scene] {
    let eastern = try Region(west: 179.95, south: 51.65, east: 180, north: 51.7)
    let western = try Region(west: -180, south: 51.65, east: -179.95, north: 51.7)
    let acrossTheDateLine = Region(polygons: eastern.polygons + western.polygons)
    return [
      Scene(
        file: "dateline_utm60n_u16_cog.tif", bands: [1, 1, 1], region: acrossTheDateLine,
        refusals: ["scene-bands", "scene-needs-stretch"], lattice: "EPSG:32660",
        resampling: .bilinear),
      Scene(file: "landsat7_rgb_byte.tif", refusals: ["scene-too-coarse"], lattice: nil),
      Scene(
        file: "landsat8_224077_20200518_b2_60m.tif", bands: [1, 1, 1], side: 6400,
        refusals: ["scene-bands", "scene-needs-stretch"], lattice: "EPSG:32621"),
      Scene(
        file: "landsat8_224078_20200518.tif", bands: [3, 2, 1], side: 6400,
        refusals: ["scene-needs-stretch"], lattice: "EPSG:32621"),
      Scene(
        file: "landsat8_b4_elkton_va_4326.tif", bands: [1, 1, 1],
        refusals: ["scene-bands", "scene-needs-stretch"], lattice: "EPSG:32617"),
      Scene(
        file: "naip_m_3607824_se_17_1_20160620_subset.tif", model: "ucmerced-aerial-30cm",
        refusals: [], lattice: "EPSG:26917"),
      Scene(
        file: "sentinel2_18svg_20160112_9band.tif", bands: [9, 8, 2], side: 6400,
        refusals: ["scene-bands", "scene-needs-stretch"], lattice: "EPSG:32618"),
      Scene(
        file: "umbra_sar_mount_yasur_rotated.tif", model: "ucmerced-aerial-30cm",
        bands: [1, 1, 1], refusals: ["scene-bands"], lattice: "EPSG:32759"),
    ]
  }

  private func start(_ folder: TemporaryFolder) async throws -> RunningDaemon {
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
    _ = try await daemon.client.createBudget(
      BudgetRequest(id: "euros", amount: Money(parsing: "1000.00 EUR")))
    return daemon
  }

  private func request(
    _ scene: Scene, _ record: SceneRecord, bands: [Int]?, stretch: Stretch?
  ) -> JobRequest {
    let bounds = record.bounds
    let (x, y) = ((bounds.west + bounds.east) / 2, (bounds.south + bounds.north) / 2)
    let half = scene.side.map { $0 / 2 }
    return JobRequest(
      scene: record.id, region: scene.region.map { RegionDocument($0) },
      bounds: half.map {
        ProjectedRectangle(west: x - $0, south: y - $0, east: x + $0, north: y + $0)
      },
      model: scene.model, vendor: "demo", budget: "euros", bands: bands, stretch: stretch,
      dryRun: true)
  }

  /// Submits until nothing is refused any more, doing each time what the refusal says.
  private func submit(
    _ scene: Scene, _ record: SceneRecord, _ daemon: RunningDaemon
  ) async throws -> (job: JobRecord?, refusals: [ProblemDocument]) {
    // Where the bands fit in number a person still says in which order they are.
    var bands = scene.refusals.contains("scene-bands") ? nil : scene.bands
    var stretch: Stretch?
    var refusals: [ProblemDocument] = []
    while refusals.count < 4 {
      let (job, refusal) = try await attempt(
        request(scene, record, bands: bands, stretch: stretch), daemon)
      guard let refusal else { return (job, refusals) }
      refusals.append(refusal)
      switch refusal.name {
      case "scene-bands": bands = scene.bands
      case "scene-needs-stretch":
        stretch = Stretch(
          texts: refusal.description.matches(of: /--stretch=([^ :]+)/).map { String($0.1) })
      default: return (nil, refusals)
      }
    }
    return (nil, refusals)
  }

  /// The job once it has ended.
  private func ended(_ id: String, _ daemon: RunningDaemon) async throws -> JobRecord {
    let isOver = try await Samples.eventually {
      let state = try await daemon.client.job(id).state
      return state.isFinal || state == .parked
    }
    #expect(isOver)
    return try await daemon.client.job(id)
  }

  /// The job, or why there is none.
  private func attempt(
    _ request: JobRequest, _ daemon: RunningDaemon
  ) async throws -> (job: JobRecord?, refusal: ProblemDocument?) {
    do {
      return (try await daemon.client.submit(request, idempotencyKey: UUID().uuidString), nil)
    } catch ClientError.refused(let problem) {
      return (nil, problem)
    }
  }

  @Test func `every real scene is planned, or refused with what to do`() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await start(folder)
    let files = try #require(TestPaths.shared).appending(path: "data/scenes")
    for scene in try Self.scenes() {
      let record = try await daemon.client.addScene(
        files.appending(path: scene.file), name: scene.file)
      let (submitted, refusals) = try await submit(scene, record, daemon)
      print("\(scene.file) (\(record.crs), \(record.pixelSizeMetres) m)")
      for refusal in refusals { print("  refused: \(refusal)") }
      #expect(refusals.map(\.name) == scene.refusals, "\(scene.file)")
      guard let lattice = scene.lattice else {
        #expect(submitted == nil)
        continue
      }
      let id = try #require(submitted, "\(scene.file): \(refusals)").id
      let job = try await ended(id, daemon)
      let plan = try #require(job.plan, "\(scene.file): \(job.trouble?.description ?? "")")
      let reading = try #require(plan.reading)
      print(
        "  \(job.state) in \(reading.latticeCRS), \(reading.resamplingWords); bands "
          + "\(reading.bandWords); stretch \(reading.stretchWords); \(plan.chips.surveyed) chips, "
          + "\(plan.chips.tooFewValidPixels) + \(plan.chips.outsideScene) left out; "
          + "\(plan.patches.toBuy) of \(plan.patches.everything) patches for \(plan.price)")
      #expect(job.state == .done)
      #expect(reading.latticeCRS == lattice)
      #expect(reading.resampling == scene.resampling)
      // Clouds are worth no purchase: the price itself may be 0.
      #expect(plan.chips.surveyed > 0 && plan.priceOfEverything.minorUnits > 0)
      let map = try await daemon.client.planMap(id)
      #expect(String(decoding: map, as: UTF8.self).contains(#""resampling":"#))
    }
    try await daemon.stop()
  }
}
