// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Testing

@Suite struct UTMZoneTests {
  @Test(
    arguments: [
      (9, 48, "EPSG:32632", "UTM zone 32N"), (-59, -29, "EPSG:32721", "UTM zone 21S"),
      (-180, 0, "EPSG:32601", "UTM zone 1N"), (180, 0, "EPSG:32601", "UTM zone 1N"),
      (179.99, -1, "EPSG:32760", "UTM zone 60S"), (190, 10, "EPSG:32602", "UTM zone 2N"),
      (6, 60, "EPSG:32632", "UTM zone 32N"), (5.999, 60, "EPSG:32631", "UTM zone 31N"),
      (15, 84.01, "EPSG:32661", "UPS North"), (15, -80.01, "EPSG:32761", "UPS South"),
      (-1e-17, 84, "EPSG:32631", "UTM zone 31N"),
    ] as [(Double, Double, String, String)])
  func placesHaveTheirZone(longitude: Double, latitude: Double, crs: String, name: String) {
    let zone = UTMZone(at: Coordinate(longitude: longitude, latitude: latitude))
    #expect(zone.crs == crs)
    #expect(zone.name == name)
  }
}
