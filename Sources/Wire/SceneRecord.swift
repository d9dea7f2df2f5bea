// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation

/// A low-resolution scene that the daemon has taken in.
public struct SceneRecord: Hashable, Sendable, Codable {
  /// The first 16 hexadecimal digits of ``sha256``.
  public let id: String
  /// The name that its owner gave it: the file's name when none was given.
  public let name: String
  /// The SHA-256 of the bytes that were sent, hexadecimal.
  public let sha256: String
  /// The number of bytes that were sent.
  public let byteCount: Int64
  /// When it was taken in.
  public let addedAt: Date
  /// The coordinate reference system: `EPSG:32632`, or a hash of its definition.
  public let crs: String
  /// The number of columns.
  public let columnCount: Int
  /// The number of rows.
  public let rowCount: Int
  /// The side of a pixel, in metres.
  public let pixelSizeMetres: Double
  /// The number of bands of imagery.
  public let bandCount: Int
  /// The ground that the scene covers, in metres of its coordinate reference system.
  public let bounds: ProjectedRectangle

  /// Creates a record.
  public init(
    id: String, name: String, sha256: String, byteCount: Int64, addedAt: Date, crs: String,
    columnCount: Int, rowCount: Int, pixelSizeMetres: Double, bandCount: Int,
    bounds: ProjectedRectangle
  ) {
    self.id = id
    self.name = name
    self.sha256 = sha256
    self.byteCount = byteCount
    self.addedAt = addedAt
    self.crs = crs
    self.columnCount = columnCount
    self.rowCount = rowCount
    self.pixelSizeMetres = pixelSizeMetres
    self.bandCount = bandCount
    self.bounds = bounds
  }
}
