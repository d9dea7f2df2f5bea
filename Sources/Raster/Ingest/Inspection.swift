// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation

/// What is known of a file from outside: everything where it was taken, and what was found until
/// then where it was refused.
public struct Inspection: Sendable {
  /// Why the file is refused; nil where it is taken.
  public var refusal: RasterError?
  /// Bytes of the file.
  public var byteCount: UInt64?
  /// The SHA-256 of the file, 64 hexadecimal digits.
  public var sourceDigest: String?
  /// Columns.
  public var width: Int?
  /// Rows.
  public var height: Int?
  /// All bands of the file, an alpha band among them.
  public var bands: [InspectedBand] = []
  /// The coordinate reference system, `EPSG:n` or WKT.
  public var crs: String?
  /// Where the pixels lie in that system.
  public var transform: GeoTransform?
  /// The size of a pixel on the ground, in the middle.
  public var groundSampleDistanceMetres: GroundSampleDistance?
  /// The outline in longitude and latitude.
  public var footprint: Region?
  /// Whether chips can lie on a lattice of the file's own system.
  public var usesMetres: Bool?
  /// The share of pixels without values, 0 to 1.
  public var noDataShare: Double?
  /// When it was taken, where the file tells.
  public var acquiredAt: Date?

  /// The rectangle around it in its own system.
  public var bounds: ProjectedRectangle? {
    guard let width, let height, let crs, let transform else { return nil }
    return RasterLayout(
      width: width, height: height, bandCount: 1, pixelType: .uint8, crs: crs,
      transform: transform
    ).extent
  }
}
