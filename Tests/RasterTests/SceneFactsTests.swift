// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Platform
import Raster
import Testing

@Suite struct SceneFactsTests {
  @Test func factsOfEarlierVersionsAreRead() throws {
    let text = """
      {"footprint":[{"latitude":48.1,"longitude":10.9},{"latitude":48.1,"longitude":11},\
      {"latitude":48,"longitude":11},{"latitude":48.1,"longitude":10.9}],\
      "ground_sample_distance_metres":10,"layout":{"band_count":3,"crs":"EPSG:32632",\
      "height":38,"pixel_type":"uint8","transform":{"origin_x":640130,"origin_y":5330410,\
      "pixel_size":10},"width":45},"no_data_share":0.25,"source_digest":"ab"}
      """
    let facts = try JSON.decoder().decode(SceneFacts.self, from: Data(text.utf8))
    #expect(facts.groundSampleDistanceMetres == GroundSampleDistance(x: 10, y: 10))
    #expect(facts.usesMetres && facts.pixelSizeMetres == 10)
    #expect(facts.footprint.polygons.count == 1 && facts.footprint.polygons[0][0].count == 4)
    #expect(facts.bands.map(\.type) == ["Byte", "Byte", "Byte"])
    #expect(facts.layout.transform == RasterFixtures.layout.transform)
    let again = try JSON.encoder().encode(facts)
    #expect(try JSON.decoder().decode(SceneFacts.self, from: again) == facts)
  }

  @Test(arguments: [
    (Double.nan, "\"nan\""), (-Double.infinity, "\"-inf\""), (.infinity, "\"inf\""),
    (-9999, "-9999"), (0.5, "0.5"),
  ])
  func noDataIsValidJSON(number: Double, text: String) throws {
    let band = BandFacts(type: "Float32", noData: number)
    let data = try JSON.encoder().encode(band)
    #expect(String(decoding: data, as: UTF8.self).contains("\"no_data\":\(text)"))
    #expect(try JSON.decoder().decode(BandFacts.self, from: data) == band)
  }

  @Test func noOtherTextIsANumber() {
    #expect(throws: DecodingError.self) {
      _ = try JSON.decoder().decode(NoDataValue.self, from: Data("\"none\"".utf8))
    }
  }
}
