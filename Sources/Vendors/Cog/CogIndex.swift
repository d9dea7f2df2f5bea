// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation

/// What is known of a Cloud-Optimised GeoTIFF from its head alone: where its picture lies on the
/// ground, and where in the file each tile is.
struct CogIndex: Sendable {
  /// The tiles of one image of full size: the picture, or its mask.
  struct Image: Sendable {
    let tileWidth: Int
    let tileHeight: Int
    let columns: Int
    let rows: Int
    /// 1, or the number of bands where each has tiles of its own.
    let planes: Int
    let offsets: [UInt64]
    let byteCounts: [UInt64]
    /// The tags that say how tiles are decoded, as they are in the file.
    let coding: [(tag: CogTag, type: UInt16, count: Int, bytes: [UInt8])]

    /// The tiles under a rectangle of pixels, plane by plane and row by row.
    func tiles(under pixels: CogPixels) -> [Int] {
      let columns = pixels.columns(dividedBy: tileWidth)
      let rows = pixels.rows(dividedBy: tileHeight)
      return (0..<planes).flatMap { plane in
        rows.flatMap { row in
          columns.map { (plane * self.rows + row) * self.columns + $0 }
        }
      }
    }
  }

  /// How the picture lies on the ground: north up, square pixels, in metres of its system.
  struct Place: Sendable {
    let west: Double
    let north: Double
    let pixelSize: Double
    /// `EPSG:CODE`, where the file names one.
    let crs: String?
    /// Whether coordinates in the file are of centres of pixels.
    let isOfCentres: Bool
  }

  let order: CogByteOrder
  let width: Int
  let height: Int
  let place: Place
  let picture: Image
  let mask: Image?

  var images: [Image] { [picture] + (mask.map { [$0] } ?? []) }

  /// The bytes of all tiles under a rectangle.
  func byteCount(under pixels: CogPixels) -> Int64 {
    images.reduce(0) { sum, image in
      image.tiles(under: pixels).reduce(sum) { $0 + Int64(image.byteCounts[$1]) }
    }
  }

  /// The pixels of a rectangle on a grid.
  ///
  /// - Throws: ``CogProblem`` when the grid is not on the pixels, or reaches beyond the picture.
  func pixels(of rectangle: PatchRectangle, on grid: ChipGrid) throws(CogProblem) -> CogPixels {
    try check(grid)
    let ground = rectangle.ground(on: grid)
    let column = (ground.west - place.west) / place.pixelSize
    let row = (place.north - ground.north) / place.pixelSize
    guard abs(column - column.rounded()) < 1e-3, abs(row - row.rounded()) < 1e-3 else {
      throw CogProblem(
        "the patches do not begin on its pixels, which are counted from \(place.west) east and "
          + "\(place.north) north in steps of \(place.pixelSize) m")
    }
    let pixels = CogPixels(
      column: Int(column.rounded()), row: Int(row.rounded()),
      width: rectangle.columnCount * grid.patchPixels,
      height: rectangle.rowCount * grid.patchPixels)
    guard pixels.column >= 0, pixels.row >= 0, pixels.column + pixels.width <= width,
      pixels.row + pixels.height <= height
    else {
      throw CogProblem("patches at \(ground.west) east, \(ground.north) north lie outside of it")
    }
    return pixels
  }

  /// Refuses a grid of another system or pixel size.
  func check(_ grid: ChipGrid) throws(CogProblem) {
    let crs = grid.lattice.crs
    guard place.crs == nil || !crs.hasPrefix("EPSG:") || place.crs == crs else {
      throw CogProblem("it is in \(place.crs ?? ""), and the chips are in \(crs)")
    }
    let size = grid.groundSampleDistanceMetres
    guard abs(place.pixelSize - size) <= 1e-6 * size else {
      throw CogProblem("its pixels are \(place.pixelSize) m wide, and the model wants \(size) m")
    }
  }
}

/// A rectangle of pixels.
public struct CogPixels: Hashable, Sendable {
  /// The first column.
  public let column: Int
  /// The first row.
  public let row: Int
  /// The number of columns.
  public let width: Int
  /// The number of rows.
  public let height: Int

  func columns(dividedBy size: Int) -> Range<Int> {
    column / size..<(column + width + size - 1) / size
  }

  func rows(dividedBy size: Int) -> Range<Int> {
    row / size..<(row + height + size - 1) / size
  }
}
