// SPDX-License-Identifier: Apache-2.0

import CGDAL

/// A coordinate reference system, with its axes in the order x, y (longitude, latitude).
struct SpatialReference: ~Copyable {
  let handle: OGRSpatialReferenceH

  /// Takes ownership of a handle.
  private init(owning handle: OGRSpatialReferenceH) {
    OSRSetAxisMappingStrategy(handle, OAMS_TRADITIONAL_GIS_ORDER)
    self.handle = handle
  }

  /// A system from `EPSG:n` or WKT; nothing else is understood, and nothing is looked up.
  init(_ definition: String) throws(RasterError) {
    let (handle, messages) = GDAL.listen { () -> OGRSpatialReferenceH? in
      guard let handle = OSRNewSpatialReference(nil) else { return nil }
      let result: OGRErr
      if definition.hasPrefix("EPSG:"), let code = Int32(definition.dropFirst(5)), code > 0 {
        result = OSRImportFromEPSG(handle, code)
      } else {
        result = Self.importWKT(definition, into: handle)
      }
      guard result == OGRERR_NONE else {
        OSRDestroySpatialReference(handle)
        return nil
      }
      return handle
    }
    guard let handle else {
      throw .referenceSystem(
        reason: "\"\(definition.prefix(80))\" is no coordinate reference system: "
          + messages.text(else: "it is neither an EPSG code nor WKT"))
    }
    self.init(owning: handle)
  }

  private static func importWKT(_ text: String, into handle: OGRSpatialReferenceH) -> OGRErr {
    // WKT begins with a keyword; the length keeps the parser's work small.
    guard text.utf8.count <= longestWKT, text.first?.isLetter == true, text.contains("[") else {
      return OGRErr(OGRERR_CORRUPT_DATA)
    }
    guard let copy = VSIStrdup(text) else { return OGRErr(OGRERR_NOT_ENOUGH_MEMORY) }
    defer { fovea_gdal_free(copy) }
    // The parser moves the pointer that it is given, so it gets a second one.
    var cursor: UnsafeMutablePointer<CChar>? = copy
    return OSRImportFromWkt(handle, &cursor)
  }

  /// The longest WKT that is taken, in bytes; real ones have about two thousand.
  static let longestWKT = 16_384

  /// The horizontal system of an open raster, or nil where it has none.
  init?(of dataset: GDALDatasetH) {
    let (handle, _) = GDAL.listen { () -> OGRSpatialReferenceH? in
      guard let reference = GDALGetSpatialRef(dataset), let copy = OSRClone(reference) else {
        return nil
      }
      if OSRIsCompound(copy) != 0 { OSRStripVertical(copy) }
      return copy
    }
    guard let handle else { return nil }
    self.init(owning: handle)
  }

  deinit { OSRDestroySpatialReference(handle) }

  /// Longitude and latitude on WGS 84.
  static func geographic() throws(RasterError) -> SpatialReference {
    try SpatialReference("EPSG:4326")
  }

  /// `EPSG:n` where the system is exactly that one, else WKT 2.
  var definition: String {
    if let authority = OSRGetAuthorityName(handle, nil), String(cString: authority) == "EPSG",
      let code = OSRGetAuthorityCode(handle, nil)
    {
      let name = "EPSG:" + String(cString: code)
      // A file may claim a code and then change its parameters.
      if let registered = try? SpatialReference(name), isSame(as: registered) { return name }
    }
    return wellKnownText
  }

  /// The system as WKT 2; empty where it cannot be written so.
  var wellKnownText: String {
    let options = GDAL.StringList(["FORMAT=WKT2_2019", "MULTILINE=NO"])
    var text: UnsafeMutablePointer<CChar>?
    let (result, _) = GDAL.listen { OSRExportToWktEx(handle, &text, options.constant) }
    defer { fovea_gdal_free(text) }
    guard result == OGRERR_NONE, let text else { return "" }
    return String(cString: text)
  }

  /// Whether two systems give the same coordinates, whatever they are called.
  func isSame(as other: borrowing SpatialReference) -> Bool {
    let options = GDAL.StringList(["IGNORE_DATA_AXIS_TO_SRS_AXIS_MAPPING=YES"])
    let (handle, otherHandle) = (handle, other.handle)
    return GDAL.listen { OSRIsSameEx(handle, otherHandle, options.constant) }.value != 0
  }

  /// Why positions in this system are not places on the Earth, or nil where they are.
  var obstacleToPlaces: String? {
    let handle = handle
    return GDAL.listen { () -> String? in
      guard OSRIsGeographic(handle) != 0 || OSRIsProjected(handle) != 0 else {
        return "is neither geographic nor projected"
      }
      var status = OGRErr(OGRERR_NONE)
      let axisMetres = OSRGetSemiMajor(handle, &status)
      return status == OGRERR_NONE && (6.3e6...6.4e6).contains(axisMetres)
        ? nil : "is not one of the Earth"
    }.value
  }

  /// The degrees of one unit of a geographic system, or nil for a projected one.
  var degreesOfUnit: Double? {
    let handle = handle
    return GDAL.listen { () -> Double? in
      guard OSRIsGeographic(handle) != 0 else { return nil }
      return OSRGetAngularUnits(handle, nil) * 180 / .pi
    }.value
  }

  /// The metres of one unit of a projected system.
  var metresOfUnit: Double {
    let handle = handle
    return GDAL.listen { OSRGetLinearUnits(handle, nil) }.value
  }

  /// Why lengths in this system are not metres on the ground, or nil where they are.
  var obstacleToMetres: String? {
    let handle = handle
    return GDAL.listen { () -> String? in
      if OSRIsGeographic(handle) != 0 { return "is in degrees" }
      var unit: UnsafeMutablePointer<CChar>?
      let metres = OSRGetLinearUnits(handle, &unit)
      guard metres == 1 else {
        return "is in \(unit.map { String(cString: $0) } ?? "another unit"), not in metres"
      }
      let method = OSRGetAttrValue(handle, "PROJECTION", 0).map { String(cString: $0) } ?? ""
      // Mercator's scale grows with latitude: at 60 degrees its metre is half a metre.
      return method.contains("Mercator") && !method.contains("Transverse")
        && !method.contains("Oblique")
        ? "is Mercator, whose metres are not metres on the ground"
        : nil
    }.value
  }
}
