// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// `fovea inspect`, which needs no daemon.
@Suite(
  .serialized, .tags(.slow), .enabled(if: runsProcesses, "set FOVEA_FULL=1 to start programs"),
  .timeLimit(.minutes(10)))
struct InspectCommandTests {
  private let world: World

  init() throws { world = try World() }

  private func fixture(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../RasterTests/Fixtures/\(name)").standardizedFileURL.path
  }

  private func inspect(_ arguments: String...) async throws -> World.Output {
    try await world.run(program: "fovea", ["inspect"] + arguments)
  }

  @Test func `a scene is told from its size to its checksums`() async throws {
    let answer = try await inspect(fixture("rgb.tif"), "--json", "--checksum")
    #expect(answer.status == 0 && answer.errors.isEmpty)
    let sheet = try answer.object()
    #expect(sheet["verdict"] as? String == "accepted" && sheet["kind"] is NSNull)
    #expect(sheet["width"] as? Int == 45 && sheet["crs"] as? String == "EPSG:32632")
    let distance = try #require(sheet["ground_sample_distance"] as? [Double])
    #expect(distance.count == 2 && distance.allSatisfy { abs($0 - 10) < 0.005 })
    let bands = try #require(sheet["bands"] as? [[String: Any]])
    #expect(bands.map { $0["type"] as? String } == ["Byte", "Byte", "Byte"])
    #expect(bands.allSatisfy { $0["checksum"] is Int && $0["nodata"] is NSNull })
    let footprint = try #require(sheet["footprint"] as? [String: Any])
    #expect(footprint["type"] as? String == "Polygon")
    #expect(sheet["lattice_crs"] as? String == "EPSG:32632")
    let shown = try await inspect(fixture("rgb.tif"))
    #expect(shown.status == 0 && shown.text.contains("rgb.tif: accepted"))
    #expect(shown.text.contains("3 of Byte; Red, Green, Blue"))
  }

  @Test func `what is known of a refused file stands beside the refusal`() async throws {
    let answer = try await inspect(fixture("south_up.tif"), "--json")
    #expect(answer.status == 65 && answer.errors.isEmpty)
    let sheet = try answer.object()
    #expect(sheet["verdict"] as? String == "refused")
    #expect(sheet["kind"] as? String == "raster-georeference")
    #expect(sheet["remedy"] as? String == "Turn it north up with gdalwarp IN OUT.")
    #expect(sheet["width"] is Int && sheet["crs"] is String && sheet["footprint"] is NSNull)
    let shown = try await inspect(fixture("south_up.tif"))
    #expect(shown.status == 65 && shown.text.contains("refused (raster-georeference)"))
  }

  @Test func `a name is a name, and never more`() async throws {
    let folder = world.folder.url
    for name in ["new\nline.tif", "q\"uo'te $(id).tif", "back\\slash.tif", "50%41 #x?y.tif"] {
      let file = folder.appending(path: name).path
      try FileManager.default.copyItem(atPath: fixture("rgb.tif"), toPath: file)
      let answer = try await inspect(file)
      #expect(answer.status == 0, "\(name)")
      #expect(answer.text.split(separator: "\n").first?.hasSuffix(": accepted") == true)
    }
    let pipe = world.path("pipe.tif")
    let link = world.path("link.tif")
    #expect(mkfifo(pipe, 0o600) == 0)
    try FileManager.default.createSymbolicLink(
      atPath: link, withDestinationPath: fixture("rgb.tif"))
    for path in [pipe, link, folder.path, "/dev/zero", "/etc/passwd"] {
      let answer = try await inspect(path, "--json")
      #expect(answer.status == 65, "\(path)")
      #expect(try answer.object()["kind"] as? String == "raster-not-tiff", "\(path)")
    }
    let names = [
      "-", "/vsicurl/http://127.0.0.1:9/x.tif", "<VRTDataset rasterXSize=\"1\"/>",
      "GTIFF_DIR:1:\(fixture("rgb.tif"))", world.path("none.tif"),
    ]
    for name in names {
      let answer = try await inspect(name, "--json")
      #expect(answer.status == 66, "\(name)")
      #expect(try answer.object()["kind"] as? String == "raster-cannot-read", "\(name)")
    }
  }
}
