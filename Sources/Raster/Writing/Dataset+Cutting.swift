// SPDX-License-Identifier: Apache-2.0

public import Foundation

extension Dataset {
  /// Writes a part of the raster as a GeoTIFF of its own, pixel for pixel.
  ///
  /// The copy has the same coordinate reference system, the transform of the part, the values, and
  /// a mask inside; no metadata of the source. It is read in tiles, never whole.
  ///
  /// - Parameters:
  ///   - rect: must lie within the raster.
  ///   - url: the file to make; it appears when it is whole.
  /// - Returns: the layout of what was written.
  /// - Throws: `RasterError`, `decodeFailed` or `cannotWrite`.
  @discardableResult
  public func cut(_ rect: PixelRect, to url: URL) throws(RasterError) -> RasterLayout {
    precondition(layout.bounds.contains(rect), "\(rect) is not within \(layout.bounds)")
    let layout = layout.part(rect)
    var writer = try GeoTIFFWriter(url: url, layout: layout)
    for tile in layout.bounds.tiles(width: 1024, height: 256) {
      let source = PixelRect(
        column: rect.column + tile.column, row: rect.row + tile.row, width: tile.width,
        height: tile.height)
      switch layout.pixelType {
      case .uint8:
        try writer.write(read(source, as: UInt8.self), column: tile.column, row: tile.row)
      case .float32:
        try writer.write(read(source, as: Float.self), column: tile.column, row: tile.row)
      }
    }
    try writer.finish()
    return layout
  }
}
