// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Raster

/// Where the LR pixels of a grid's chips are in a scene: among its own pixels where these coincide
/// with the lattice, or warped onto it.
struct ScenePlace {
  /// How much larger than the model's LR pixels a scene's may be: beyond, warping would have to
  /// invent what lies between them.
  static let largestCoarseness = 1.5
  /// Below this share of an LR pixel, the scene's pixels count as smaller.
  private static let finerShare = 0.999
  /// How far from a whole number of pixels a corner may lie.
  private static let tolerancePixels = 1e-3

  let grid: ChipGrid
  let layout: RasterLayout
  let resampling: LowResampling
  /// The pixel at the north-west of chip (0, 0), where the scene's coincide with the lattice.
  private let corner: (column: Int, row: Int)?

  /// Finds out how a scene lies on the lattice.
  ///
  /// - Parameter name: what messages call the scene.
  /// - Throws: `ModelError.tooCoarse`; `ModelError.offLattice` where the scene's middle has no
  ///   place in the lattice's system.
  init(_ layout: RasterLayout, grid: ChipGrid, name: String) throws(ModelError) {
    self.grid = grid
    self.layout = layout
    let wanted = grid.groundSampleDistanceMetres * Double(grid.zoom)
    corner = Self.corner(layout, grid: grid, pixelMetres: wanted)
    guard corner == nil else {
      resampling = .none
      return
    }
    let found: Double
    do throws(RasterError) {
      found = try layout.pixelMetres(in: grid.lattice.crs)
    } catch {
      throw .offLattice(scene: name, reason: error.reason)
    }
    guard found <= wanted * Self.largestCoarseness else {
      throw .tooCoarse(scene: name, foundMetres: found, wantedMetres: wanted)
    }
    resampling = found < wanted * Self.finerShare ? .average : .bilinear
  }

  private static func corner(
    _ layout: RasterLayout, grid: ChipGrid, pixelMetres: Double
  ) -> (column: Int, row: Int)? {
    let transform = layout.transform
    guard layout.crs == grid.lattice.crs, transform.isNorthUp, transform.isSquare,
      abs(transform.pixelSize - pixelMetres) * Double(max(layout.width, layout.height))
        < pixelMetres * tolerancePixels
    else { return nil }
    let chip = grid.lattice.rectangle(of: ChipIndex(column: 0, row: 0))
    let pixel = transform.pixel(of: ProjectedPoint(x: chip.west, y: chip.north))
    guard abs(pixel.column - pixel.column.rounded()) < tolerancePixels,
      abs(pixel.row - pixel.row.rounded()) < tolerancePixels
    else { return nil }
    return (Int(pixel.column.rounded()), Int(pixel.row.rounded()))
  }

  /// How a scene that lies there is read.
  ///
  /// - Throws: `ModelError.stretchCount`.
  func reading(bands: [Int], stretch: Stretch?) throws(ModelError) -> SceneReading {
    if let stretch, !stretch.fits(bandCount: bands.count) {
      throw .stretchCount(found: stretch.ranges.count, bandCount: bands.count)
    }
    return SceneReading(
      sceneCRS: layout.crs, latticeCRS: grid.lattice.crs, resampling: resampling, bands: bands,
      stretch: stretch)
  }

  /// The scene's own pixels of a chip, where they coincide with the lattice.
  func pixels(of chip: ChipIndex) -> PixelRect? {
    let side = grid.lowResolutionPixels
    return corner.map {
      PixelRect(
        column: $0.column + chip.column * side, row: $0.row + chip.row * side, width: side,
        height: side)
    }
  }
}

extension ModelCard {
  /// Whether the model can look at a scene whose pixels are so large: none of what it looks at
  /// would have to be invented.
  public func canSee(pixelsOfMetres metres: Double) -> Bool {
    metres <= design.groundSampleDistanceMetres * Double(design.zoom) * ScenePlace.largestCoarseness
  }
}

extension RasterLayout {
  /// The longer side of a pixel in the raster's middle, in metres of a projected system.
  ///
  /// - Throws: `RasterError.referenceSystem` where the middle has no place in the system.
  func pixelMetres(in crs: String) throws(RasterError) -> Double {
    let (column, row) = (Double(width) / 2, Double(height) / 2)
    var points = [
      transform.point(column: column, row: row), transform.point(column: column + 1, row: row),
      transform.point(column: column, row: row + 1),
    ]
    if crs != self.crs { points = try CoordinateTransform(from: self.crs, to: crs).convert(points) }
    return points.dropFirst().map { hypot($0.x - points[0].x, $0.y - points[0].y) }.max() ?? 0
  }
}
