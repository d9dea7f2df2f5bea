// SPDX-License-Identifier: Apache-2.0

public import Acquisition
import CGDAL
public import Foundation
import Platform

/// Writes a layer of rectangles as a GeoPackage, with a style that QGIS shows it in by itself.
///
/// ```swift
/// var writer = try GeoPackageWriter(
///   url: url, layer: "classes", crs: "EPSG:32632", fields: [.init("class", .text)], at: date)
/// try writer.add(rectangle, [.text("Forest")])
/// try writer.finish()
/// ```
///
/// Equal calls give equal bytes. Without ``finish()`` no file remains. A writer belongs to one
/// thread.
public struct GeoPackageWriter: ~Copyable {
  /// A column of the layer.
  public struct Field: Hashable, Sendable {
    /// What a column holds.
    public enum Kind: Hashable, Sendable { case text, integer, real, boolean }

    /// The column's name.
    public let name: String
    /// What it holds.
    public let kind: Kind

    /// A column.
    public init(_ name: String, _ kind: Kind) {
      self.name = name
      self.kind = kind
    }
  }

  /// A value of a column.
  public enum Value: Hashable, Sendable {
    case text(String)
    case integer(Int64)
    case real(Double)
    case boolean(Bool)
  }

  /// How a map program draws the layer.
  public struct Style: Hashable, Sendable {
    /// The style's name.
    public let name: String
    /// The style in QGIS's own form.
    public let qml: String
    /// The style in the form of the OGC, for other programs.
    public let sld: String

    /// A style.
    public init(name: String, qml: String, sld: String) {
      self.name = name
      self.qml = qml
      self.sld = sld
    }
  }

  private let url: URL
  private let temporary: URL
  private let layerName: String
  private let fields: [Field]
  private let date: String
  /// Nil once the file is finished.
  private var handle: GDALDatasetH?
  private var layer: OGRLayerH?

  /// Begins a GeoPackage of one layer of polygons.
  ///
  /// - Parameters:
  ///   - crs: `EPSG:n` or WKT.
  ///   - description: what the file says of the layer.
  ///   - date: the time that the file says it was changed.
  /// - Throws: `RasterError.cannotWrite`, `RasterError.referenceSystem`.
  public init(
    url: URL, layer: String, description: String = "", crs: String, fields: [Field], at date: Date
  ) throws(RasterError) {
    let reference = try SpatialReference(crs)
    let temporary = DurableFile.temporaryURL(for: url)
    let date = Timestamp.text(date)
    let options = GDAL.StringList(["GEOMETRY_NAME=geom", "FID=fid", "DESCRIPTION=\(description)"])
    let (made, messages) = Self.listen(date) { () -> (GDALDatasetH, OGRLayerH)? in
      guard
        let handle = GDALCreate(
          GDALGetDriverByName("GPKG"), temporary.path, 0, 0, 0, GDT_Unknown, nil)
      else { return nil }
      guard
        let made = GDALDatasetCreateLayer(
          handle, layer, reference.handle, wkbPolygon, options.pointer)
      else {
        GDALClose(handle)
        return nil
      }
      for field in fields { Self.create(field, in: made) }
      // One transaction for all rows; closing the file ends it.
      GDALDatasetStartTransaction(handle, 0)
      return (handle, made)
    }
    guard let made, !messages.hasFailure else {
      if let made { _ = GDAL.listen { GDALClose(made.0) } }
      unlink(temporary.path)
      throw .cannotWrite(path: url.path, reason: messages.text())
    }
    self.url = url
    self.temporary = temporary
    self.layerName = layer
    self.fields = fields
    self.date = date
    self.handle = made.0
    self.layer = made.1
  }

  /// Adds a rectangle with a value for each field; nil where it has none.
  ///
  /// - Throws: `RasterError.cannotWrite`.
  public mutating func add(
    _ rectangle: ProjectedRectangle, _ values: [Value?]
  ) throws(RasterError) {
    precondition(values.count == fields.count, "a row has a value for each field")
    let corners = rectangle.corners
    try insert(values) { feature in
      let ring = OGR_G_CreateGeometry(wkbLinearRing)
      for point in corners + corners.prefix(1) { OGR_G_AddPoint_2D(ring, point.x, point.y) }
      let polygon = OGR_G_CreateGeometry(wkbPolygon)
      OGR_G_AddGeometryDirectly(polygon, ring)
      OGR_F_SetGeometryDirectly(feature, polygon)
    }
  }

  private func insert(
    _ values: [Value?], shape: (OGRFeatureH) -> Void
  ) throws(RasterError) {
    guard let layer else { preconditionFailure("the file is finished") }
    let (isAdded, messages) = Self.listen(date) { () -> Bool in
      guard let feature = OGR_F_Create(OGR_L_GetLayerDefn(layer)) else { return false }
      defer { OGR_F_Destroy(feature) }
      shape(feature)
      for (index, value) in values.enumerated() {
        let index = Int32(index)
        switch value {
        case nil: break
        case .text(let text): OGR_F_SetFieldString(feature, index, text)
        case .integer(let number): OGR_F_SetFieldInteger64(feature, index, number)
        case .real(let number): OGR_F_SetFieldDouble(feature, index, number)
        case .boolean(let flag): OGR_F_SetFieldInteger(feature, index, flag ? 1 : 0)
        }
      }
      return OGR_L_CreateFeature(layer, feature) == OGRERR_NONE
    }
    guard isAdded, !messages.hasFailure else {
      throw .cannotWrite(path: url.path, reason: messages.text())
    }
  }

  /// Makes `style` the one that QGIS draws the layer with; call it once, after the last rectangle.
  ///
  /// QGIS looks for a table `layer_styles` and takes the row of the layer that is marked as default.
  ///
  /// - Throws: `RasterError.cannotWrite`.
  public mutating func setStyle(_ style: Style) throws(RasterError) {
    guard let handle else { preconditionFailure("the file is finished") }
    let columns: [(field: Field, value: Value)] = [
      (Field("f_table_catalog", .text), .text("")),
      (Field("f_table_schema", .text), .text("")),
      (Field("f_table_name", .text), .text(layerName)),
      (Field("f_geometry_column", .text), .text("geom")),
      (Field("styleName", .text), .text(style.name)),
      (Field("styleQML", .text), .text(style.qml)),
      (Field("styleSLD", .text), .text(style.sld)),
      (Field("useAsDefault", .boolean), .boolean(true)),
      (Field("description", .text), .text("")),
      (Field("owner", .text), .text("")),
      (Field("ui", .text), .text("")),
      (Field("update_time", .text), .text(date)),
    ]
    let options = GDAL.StringList(["FID=id"])
    let (table, messages) = Self.listen(date) { () -> OGRLayerH? in
      let table = GDALDatasetCreateLayer(handle, "layer_styles", nil, wkbNone, options.pointer)
      if let table { for column in columns { Self.create(column.field, in: table) } }
      return table
    }
    guard let table, !messages.hasFailure else {
      throw .cannotWrite(path: url.path, reason: messages.text())
    }
    layer = table
    try insert(columns.map(\.value)) { _ in }
  }

  private static func create(_ field: Field, in layer: OGRLayerH) {
    let type: OGRFieldType =
      switch field.kind {
      case .text: OFTString
      case .integer: OFTInteger64
      case .real: OFTReal
      case .boolean: OFTInteger
      }
    let definition = OGR_Fld_Create(field.name, type)
    defer { OGR_Fld_Destroy(definition) }
    if field.kind == .boolean { OGR_Fld_SetSubType(definition, OFSTBoolean) }
    OGR_L_CreateField(layer, definition, 0)
  }

  /// Runs a call with the options of a GeoPackage: its own date, and no journal, since the file has
  /// no name yet.
  private static func listen<Value>(
    _ date: String, _ call: () -> Value
  ) -> (value: Value, messages: GDAL.Messages) {
    let options = [
      "OGR_CURRENT_DATE": date, "OGR_SQLITE_JOURNAL": "MEMORY", "OGR_SQLITE_SYNCHRONOUS": "OFF",
    ]
    for (key, value) in options { CPLSetThreadLocalConfigOption(key, value) }
    defer { for key in options.keys { CPLSetThreadLocalConfigOption(key, nil) } }
    return GDAL.listen(call)
  }

  /// Completes the file, makes it durable and gives it its name.
  ///
  /// - Throws: `RasterError.cannotWrite`; no file of the name has then been made or changed.
  public consuming func finish() throws(RasterError) {
    guard let handle else { preconditionFailure("the file is finished") }
    self.handle = nil
    let (temporary, url) = (temporary, url)
    defer { unlink(temporary.path) }
    let (result, messages) = Self.listen(date) { () -> OGRErr in
      let result = GDALDatasetCommitTransaction(handle)
      GDALClose(handle)
      return result
    }
    guard result == OGRERR_NONE, !messages.hasFailure else {
      throw .cannotWrite(path: url.path, reason: messages.text())
    }
    do throws(PlatformError) {
      try DurableFile.publish(temporary, as: url)
    } catch {
      throw .cannotWrite(path: url.path, reason: error.systemReason)
    }
  }

  deinit {
    // Finished files have no handle; what is left here was abandoned.
    guard let handle else { return }
    _ = GDAL.listen { GDALClose(handle) }
    unlink(temporary.path)
  }
}
