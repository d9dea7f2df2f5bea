// SPDX-License-Identifier: Apache-2.0

import Acquisition
import CGDAL

/// Distances on the ellipsoid of WGS 84, by Karney's geodesics.
enum GeodesicDistance {
  /// The way between two positions in longitude and latitude, in metres.
  static func metres(_ start: ProjectedPoint, _ end: ProjectedPoint) -> Double {
    var ellipsoid = geod_geodesic()
    geod_init(&ellipsoid, 6_378_137, 1 / 298.257_223_563)
    var distance = 0.0
    geod_inverse(&ellipsoid, start.y, start.x, end.y, end.x, &distance, nil, nil)
    return distance
  }
}
