// SPDX-License-Identifier: Apache-2.0

import Acquisition
import PatchDrop
import Raster
import Wire

extension JobRequest {
  /// What is to be classified, in the plane of a scene.
  ///
  /// - Throws: `RasterError.referenceSystem` where the region lies outside of the scene's system.
  func region(in scene: RasterLayout) throws(RasterError) -> ProjectedRegion {
    if let bounds { return ProjectedRegion(bounds) }
    return try region?.region.projected(into: scene.crs) ?? ProjectedRegion(scene.extent)
  }

  /// The chips over a scene that a model has.
  func grid(over scene: RasterLayout, of model: ModelCard) -> ChipGrid {
    model.chipGrid(
      crs: scene.crs, origin: gridOrigin,
      sceneCorner: ProjectedPoint(x: scene.extent.west, y: scene.extent.north))
  }
}
