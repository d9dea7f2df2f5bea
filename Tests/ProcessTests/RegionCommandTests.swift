// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// `fovea region`, which needs no daemon.
@Suite(
  .serialized, .tags(.slow), .enabled(if: runsProcesses, "set FOVEA_FULL=1 to start programs"),
  .timeLimit(.minutes(10)))
struct RegionCommandTests {
  private let world: World

  init() throws { world = try World() }

  private func judge(_ text: String, _ options: String...) async throws -> World.Output {
    let file = world.path("area.geojson")
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    return try await world.run(program: "fovea", ["region", file] + options)
  }

  @Test func `a region has its area, box and zone`() async throws {
    let square = """
      {"type": "Polygon", "coordinates": [[[9, 47], [9.1, 47], [9.1, 47.1], [9, 47.1], [9, 47]]]}
      """
    let answer = try await judge(square, "--json")
    #expect(answer.status == 0 && answer.errors.isEmpty)
    let verdict = try answer.object()
    #expect(verdict["verdict"] as? String == "valid")
    #expect(abs((verdict["area_m2"] as? Double ?? 0) / 84_473_899.765 - 1) < 1e-9)
    #expect(verdict["bbox"] as? [Double] == [9, 47, 9.1, 47.1])
    #expect(verdict["utm_zone"] as? String == "EPSG:32632")
    #expect(verdict["rings"] as? Int == 1 && verdict["positions"] as? Int == 5)
    #expect(verdict["where"] == nil && verdict["reason"] == nil)
    let shown = try await judge(square)
    #expect(shown.text.contains("84.473900 km2") && shown.text.contains("UTM zone 32N"))
  }

  @Test func `a box across the antimeridian lies in one zone`() async throws {
    let verdict = try await judge(#"{"bbox": [179.8, -17, -179.7, -16.5]}"#, "--json").object()
    #expect(verdict["bbox"] as? [Double] == [179.8, -17, -179.7, -16.5])
    #expect(verdict["utm_zone"] as? String == "EPSG:32701")
    #expect(verdict["polygons"] as? Int == 2)
  }

  @Test func `a refusal says where, why and what to do`() async throws {
    let bowTie = """
      {"type": "Polygon", "coordinates": [[[9, 47], [9.1, 47.1], [9.1, 47], [9, 47.1], [9, 47]]]}
      """
    let answer = try await judge(bowTie, "--json")
    #expect(answer.status == 65 && answer.errors.isEmpty)
    let verdict = try answer.object()
    #expect(verdict["verdict"] as? String == "refused")
    #expect(verdict["kind"] as? String == "region-invalid")
    #expect(verdict["where"] as? String == "/coordinates/0")
    #expect(verdict["reason"] as? String == "ring 0 crosses itself near (9.05, 47.05)")
    #expect((verdict["remedy"] as? String)?.isEmpty == false)
    let shown = try await judge(bowTie)
    #expect(shown.status == 65 && shown.text.contains("refused (region-invalid)"))
  }

  @Test func `what is no file to read is told so, and a huge one is not read`() async throws {
    let pipe = world.path("pipe")
    #expect(mkfifo(pipe, 0o600) == 0)
    for path in [world.path("none"), world.folder.url.path, pipe, "/dev/zero"] {
      let answer = try await world.run(program: "fovea", ["region", path])
      #expect(answer.status == 66 && answer.text.isEmpty, "\(path)")
      #expect(answer.errors.hasPrefix("fovea: \(path): "), "\(answer.errors)")
    }
    let large = try await judge(String(repeating: " ", count: 5 << 20), "--json")
    #expect(large.status == 65)
    #expect(try large.object()["where"] as? String == "file")
  }
}
