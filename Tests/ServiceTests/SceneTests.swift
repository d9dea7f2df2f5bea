// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Client
import Foundation
import Platform
import TestSupport
import Testing
import Transfer
import Wire

/// Scenes through the API: real ones are kept, everything else is refused and leaves nothing.
@Suite(.timeLimit(.minutes(10))) struct SceneTests {
  private let folder: TemporaryFolder
  private let demo = TestPaths.root.appending(path: "etc/demo/eurosat_lr.tif")

  init() throws { folder = try TemporaryFolder() }

  private func files(in name: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.url.appending(path: name).path)
      .sorted()
  }

  @Test func `a GeoTIFF becomes a scene, and the same bytes the same scene`() async throws {
    let daemon = try await RunningDaemon(folder)
    let scene = try await daemon.client.addScene(demo, name: "Mainz \u{FC}ber & more.tif")
    #expect(scene.name == "Mainz \u{FC}ber & more.tif")
    #expect(scene.sha256 == (try Digest.sha256(ofFileAt: demo)))
    #expect(scene.id == String(scene.sha256.prefix(16)))
    #expect(scene.columnCount > 0 && scene.bandCount == 3)
    let again = try await daemon.client.addScene(demo, name: "other.tif")
    #expect(again == scene)
    #expect(try await daemon.client.scenes() == [scene])
    #expect(try await daemon.client.scene(String(scene.id.prefix(6))) == scene)
    #expect(try files(in: "scenes") == ["\(scene.id).tif"])
    #expect(try files(in: "uploads").isEmpty)
    try await daemon.stop()
  }

  @Test func `what is no whole GeoTIFF is refused by its name and leaves nothing`() async throws {
    let daemon = try await RunningDaemon(folder)
    let whole = try Data(contentsOf: demo)
    let cases = [
      ("note.tif", Data("no raster".utf8), "raster-not-tiff"),
      ("half.tif", whole.prefix(whole.count / 2), "raster-malformed"),
    ]
    for (name, bytes, kind) in cases {
      let file = folder.url.appending(path: name)
      try Data(bytes).write(to: file)
      do {
        _ = try await daemon.client.addScene(file, name: name)
        Issue.record("\(name) was taken in")
      } catch ClientError.refused(let problem) {
        #expect(problem.name == kind)
        #expect(problem.place == name)
        #expect(problem.remedy?.isEmpty == false)
      }
    }
    #expect(try await daemon.client.scenes().isEmpty)
    #expect(try files(in: "scenes").isEmpty)
    #expect(try files(in: "uploads").isEmpty)
    let missing = try await daemon.send(.get, "/v1/scenes/0123456789abcdef")
    #expect(missing.status == 404)
    try await daemon.stop()
  }

  @Test func `a scene is removed, but not under a job`() async throws {
    let daemon = try await RunningDaemon(
      folder, steps: QuickSteps.steps { _ in try await Task.sleep(for: .seconds(50)) })
    let scene = try await daemon.client.addScene(demo, name: "lr.tif")
    let job = try await daemon.client.submit(
      JobRequest(scene: scene.id, model: "m", vendor: "v", budget: "b"), idempotencyKey: "k")
    let refused = try await daemon.send(.delete, "/v1/scenes/\(scene.id)")
    #expect(refused.status == 409)
    #expect(refused.problem?.name == "scene-in-use")
    #expect(refused.problem?.detail.contains(job.id) == true)
    _ = try await daemon.client.cancel(job.id)
    #expect(
      try await Samples.eventually { try await daemon.client.job(job.id).state == .cancelled })
    #expect(try await daemon.client.removeScene(String(scene.id.prefix(8))) == scene)
    #expect(try await daemon.client.scenes().isEmpty)
    #expect(try files(in: "scenes").isEmpty)
    let gone = try await daemon.send(.delete, "/v1/scenes/\(scene.id)")
    #expect(gone.status == 404)
    let again = try await daemon.client.addScene(demo, name: "lr.tif")
    #expect(again.id == scene.id)
    try await daemon.stop()
  }

  @Test func `a scene over the limit is refused before it is stored`() async throws {
    let configuration = folder.url.appending(path: "fovead.yaml")
    try Data("limits: {scene: {file_bytes: 1000}}".utf8).write(to: configuration)
    let daemon = try await RunningDaemon(folder, configuration: configuration)
    do {
      _ = try await daemon.client.addScene(demo, name: "lr.tif")
      Issue.record("it was taken in")
    } catch ClientError.refused(let problem) {
      #expect(problem.status == 413)
      #expect(problem.remedy?.contains("limits.scene.file_bytes") == true)
    }
    #expect(try files(in: "uploads").isEmpty)
    try await daemon.stop()
  }
}
