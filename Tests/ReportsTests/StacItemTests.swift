// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform
import Reports
import TestSupport
import Testing

/// The STAC item that lists the files.
@Suite struct StacItemTests {
  private static func item() async throws -> (folder: URL, item: [String: Any]) {
    let job = try await WrittenJob.shared.value.job
    let data = try Data(contentsOf: job.outputs.appending(path: "item.json"))
    let item = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    return (job.outputs, item)
  }

  @Test func `it has all that STAC 1 wants of an item`() async throws {
    let (_, item) = try await Self.item()
    #expect(item["type"] as? String == "Feature")
    #expect(item["stac_version"] as? String == "1.0.0")
    #expect((item["stac_extensions"] as? [String])?.count == 4)
    #expect(item["id"] as? String == "01971a2b-0000-7000-8000-00000000beef")
    #expect(item["links"] is [Any])
    let box = try #require(item["bbox"] as? [Double])
    #expect(box.count == 4 && box[0] < box[2] && box[1] < box[3])
    let geometry = try #require(item["geometry"] as? [String: Any])
    #expect(geometry["type"] as? String == "Polygon")
    let ring = try #require((geometry["coordinates"] as? [[[Double]]])?.first)
    #expect(ring.count == 5 && ring.first == ring.last)
    let properties = try #require(item["properties"] as? [String: Any])
    #expect(properties["datetime"] as? String == "2026-03-01T12:00:47.250Z")
    #expect(properties["license"] as? String == "proprietary")
    #expect(properties["gsd"] as? Double == 10)
    #expect(properties["proj:epsg"] is Int)
    let providers = try #require(properties["providers"] as? [[String: Any]])
    #expect(providers.map { $0["name"] as? String } == ["local", "Fovea"])
    #expect((providers[0]["description"] as? String)?.contains("© 2026 Example") == true)
  }

  @Test func `every other file is an asset with its size and checksum`() async throws {
    let (folder, item) = try await Self.item()
    let assets = try #require(item["assets"] as? [String: [String: Any]])
    #expect(Set(assets.keys) == Set(ReportWriter.fileNames).subtracting(["item.json"]))
    for (name, asset) in assets {
      let file = folder.appending(path: name)
      #expect(asset["href"] as? String == "./\(name)")
      #expect((asset["type"] as? String)?.contains("/") == true)
      #expect((asset["roles"] as? [String])?.isEmpty == false)
      #expect(asset["file:size"] as? Int == (try Data(contentsOf: file)).count, "\(name)")
      let digest = try Digest.sha256(ofFileAt: file)
      #expect(asset["file:checksum"] as? String == "1220" + digest, "\(name)")
    }
  }

  @Test func `rasters have their place and their bands`() async throws {
    let (_, item) = try await Self.item()
    let assets = try #require(item["assets"] as? [String: [String: Any]])
    let mosaic = try #require(assets["mosaic.tif"])
    #expect(mosaic["proj:shape"] as? [Int] == [768, 768])
    #expect((mosaic["proj:transform"] as? [Double])?.count == 6)
    #expect((mosaic["raster:bands"] as? [Any])?.count == 3)
    let map = try #require(assets["classes.tif"])
    #expect(map["proj:shape"] as? [Int] == [12, 12])
    let band = try #require((map["raster:bands"] as? [[String: Any]])?.first)
    #expect(band["nodata"] as? Int == 255)
    let classes = try #require(band["classification:classes"] as? [[String: Any]])
    #expect(classes.count == 10)
    #expect(classes[0]["name"] as? String == "AnnualCrop")
    #expect((classes[0]["color_hint"] as? String)?.count == 6)
  }
}
