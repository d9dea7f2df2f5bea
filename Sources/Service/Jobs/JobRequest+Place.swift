// SPDX-License-Identifier: Apache-2.0

import Acquisition
import PatchDrop
import Raster
import Wire

extension JobRequest {
  /// The coordinate reference system of the job's chips: the one that it names, else the scene's
  /// where a metre of it is one on the ground, else the UTM zone of the region's centre.
  ///
  /// - Throws: `RasterError.referenceSystem` where bounds have no place on the Earth.
  func latticeCRS(over scene: SceneFacts) throws(RasterError) -> String {
    if let gridCRS { return gridCRS }
    guard !scene.usesMetres else { return scene.layout.crs }
    return UTMZone(at: try centre(over: scene)).crs
  }

  /// The middle of what is to be classified, in longitude and latitude.
  func centre(over scene: SceneFacts) throws(RasterError) -> Coordinate {
    if let centre = region?.region.boundingBox?.centre { return centre }
    let (extent, crs) = (bounds ?? scene.layout.extent, scene.layout.crs)
    let middle = ProjectedPoint(
      x: (extent.west + extent.east) / 2, y: (extent.south + extent.north) / 2)
    let place = try CoordinateTransform(from: crs, to: "EPSG:4326").convert([middle])[0]
    return Coordinate(longitude: place.x, latitude: place.y)
  }

  /// What is to be classified, in the plane of the chips.
  ///
  /// - Throws: `RasterError.referenceSystem` where the region lies outside of the system.
  func region(over scene: SceneFacts, in crs: String) throws(RasterError) -> ProjectedRegion {
    if let bounds { return try bounds.outline(from: scene.layout.crs, to: crs) }
    guard let region else { return try scene.layout.outline(in: crs) }
    return try region.region.projected(into: crs)
  }

  /// The chips over a scene that a model has.
  func grid(over scene: RasterLayout, in crs: String, of model: ModelCard) -> ChipGrid {
    model.chipGrid(
      crs: crs, origin: gridOrigin,
      sceneCorner: ProjectedPoint(x: scene.extent.west, y: scene.extent.north))
  }
}
