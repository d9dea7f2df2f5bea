// SPDX-License-Identifier: Apache-2.0

public import Acquisition
import CGDAL

/// Brings positions from one coordinate reference system into another.
///
/// Coordinates are x before y, longitude before latitude, whatever the systems' own axis order. A
/// transform belongs to one thread.
///
/// ```swift
/// let transform = try CoordinateTransform(from: "EPSG:4326", to: "EPSG:32632")
/// let point = try transform.convert([ProjectedPoint(x: 9, y: 48)])[0]
/// ```
public struct CoordinateTransform: ~Copyable {
  private let handle: OGRCoordinateTransformationH
  private let names: String

  /// A transform between two systems, each `EPSG:n` or WKT.
  ///
  /// - Throws: `RasterError.referenceSystem`.
  public init(from source: String, to target: String) throws(RasterError) {
    let names = "from \(source.prefix(40)) to \(target.prefix(40))"
    let source = try SpatialReference(source)
    let target = try SpatialReference(target)
    let (handle, messages) = GDAL.listen {
      OCTNewCoordinateTransformation(source.handle, target.handle)
    }
    guard let handle else {
      throw .referenceSystem(
        reason: "there is no way \(names): \(messages.text(else: "PROJ knows none"))")
    }
    self.handle = handle
    self.names = names
  }

  deinit { OCTDestroyCoordinateTransformation(handle) }

  /// The same positions in the target system.
  ///
  /// - Throws: `RasterError.referenceSystem` naming the first position that has no counterpart.
  public func convert(_ points: [ProjectedPoint]) throws(RasterError) -> [ProjectedPoint] {
    var xs = points.map(\.x)
    var ys = points.map(\.y)
    let (handle, count) = (handle, Int32(points.count))
    let messages = GDAL.listen { OCTTransform(handle, count, &xs, &ys, nil) }.messages
    if let bad = xs.indices.first(where: { !xs[$0].isFinite || !ys[$0].isFinite }) {
      throw .referenceSystem(
        reason: "the position \(points[bad].x), \(points[bad].y) cannot be brought \(names): "
          + messages.text(else: "it lies outside the system"))
    }
    return zip(xs, ys).map { ProjectedPoint(x: $0, y: $1) }
  }
}
