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
  /// The side of a pixel, in metres; the mean on the ground where its system is not in metres.
  public let pixelSizeMetres: Double
  /// The number of bands of imagery.
  public let bandCount: Int
  /// The rectangle around the scene, in units of its coordinate reference system.
  public let bounds: ProjectedRectangle
  /// The outline in longitude and latitude; absent for scenes from before that was kept.
  public let footprint: RegionDocument?
  /// When the scene was taken, where its file tells.
  public let acquiredAt: Date?

  /// Creates a record.
  public init(
    id: String, name: String, sha256: String, byteCount: Int64, addedAt: Date, crs: String,
    columnCount: Int, rowCount: Int, pixelSizeMetres: Double, bandCount: Int,
    bounds: ProjectedRectangle, footprint: RegionDocument? = nil, acquiredAt: Date? = nil
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
    self.footprint = footprint
    self.acquiredAt = acquiredAt
  }
}
