// SPDX-License-Identifier: Apache-2.0

/// Good GeoTIFFs that name another file, or a place on the network, in each way that a reader might
/// follow.
package enum PointingRaster {
  /// The files, by what names the other in them.
  ///
  /// - Parameter path: what they name; it must hold nothing that XML or WKT marks up.
  package static func files(naming path: String) -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for (name, value) in metadata(path) {
      files[name] = file { $0.append(.init(42112, 2, .bytes(Array(value.utf8) + [0]))) }
    }
    for (name, value) in citations(path) {
      for key in [1026, 2049, 3073, 4097] as [UInt64] {
        files["\(name) in key \(key)"] = file(citation: value, key: key)
      }
    }
    for (tag, name) in [(270, "description"), (305, "software"), (50844, "RPC"), (42113, "nodata")]
    {
      files[name] = file { $0.append(.init(UInt16(tag), 2, .bytes(Array(path.utf8) + [0]))) }
    }
    return files
  }

  private static func metadata(_ path: String) -> [(String, String)] {
    func item(_ name: String, _ domain: String, _ value: String) -> String {
      "<Item name=\"\(name)\" domain=\"\(domain)\">\(value)</Item>"
    }
    let bodies = [
      ("overview file", item("OVERVIEW_FILE", "OVERVIEWS", path)),
      (
        "mask in the overview file",
        item("INTERNAL_MASK_FLAGS_1", "", "2") + item("OVERVIEW_FILE", "OVERVIEWS", path)
      ),
      (
        "geolocation",
        item("X_DATASET", "GEOLOCATION", path) + item("Y_DATASET", "GEOLOCATION", path)
          + item("X_BAND", "GEOLOCATION", "1") + item("Y_BAND", "GEOLOCATION", "1")
          + item("SRS", "GEOLOCATION", path)
      ),
      ("sub-dataset", item("SUBDATASET_1_NAME", "SUBDATASETS", path)),
      ("colour profile", item("SOURCE_ICC_PROFILE", "COLOR_PROFILE", path)),
    ]
    return bodies.map { ($0.0, "<GDALMetadata>\($0.1)</GDALMetadata>") } + [
      (
        "external entity",
        "<!DOCTYPE a [<!ENTITY x SYSTEM \"file://\(path)\">]><GDALMetadata>"
          + "<Item name=\"LEAK\">&x;</Item></GDALMetadata>"
      )
    ]
  }

  /// Texts of a coordinate system that GDAL and PROJ read as more than a name.
  private static func citations(_ path: String) -> [(String, String)] {
    let projected =
      "PROJCS[\"x\",GEOGCS[\"y\",DATUM[\"z\",SPHEROID[\"w\",6378137,298.25]],"
      + "PRIMEM[\"Greenwich\",0],UNIT[\"degree\",0.0174532925199433]],"
      + "PROJECTION[\"Transverse_Mercator\"],PARAMETER[\"latitude_of_origin\",0],"
      + "PARAMETER[\"central_meridian\",9],PARAMETER[\"scale_factor\",0.9996],"
      + "PARAMETER[\"false_easting\",500000],PARAMETER[\"false_northing\",0],UNIT[\"metre\",1]"
    let proj = "+proj=utm +zone=32 +ellps=GRS80 +nadgrids=\(path) +units=m +no_defs"
    return [
      ("grid of an ESRI string", "ESRI PE String = \(projected),EXTENSION[\"PROJ4\",\"\(proj)\"]]"),
      ("grid of a PROJ string", proj), ("ESRI string", "ESRI PE String = \(path)"),
      ("init file", "+init=\(path):1"), ("plain path", path),
      ("grid of a datum", "Datum = \(path)|Ellipsoid = \(path)|PCS Name = \(path)"),
    ]
  }

  private static func file(_ change: (inout [TIFFFile.Entry]) -> Void) -> [UInt8] {
    var file = PlainRaster().file()
    change(&file.directories[0].entries)
    file.directories[0].entries.sort { $0.tag < $1.tag }
    return file.bytes()
  }

  /// A system that is the user's own, with its text in one of the keys that hold one.
  private static func file(citation: String, key: UInt64) -> [UInt8] {
    let count = UInt64(citation.utf8.count + 1)
    var keys: [[UInt64]] = [
      [1024, 0, 1, 1], [1025, 0, 1, 1], [key, 34737, count, 0], [2048, 0, 1, 4258],
      [3072, 0, 1, 32767], [3074, 0, 1, 16032], [3076, 0, 1, 9001],
    ]
    keys.sort { $0[0] < $1[0] }
    return file { entries in
      entries.removeAll { $0.tag == 34735 }
      let directory: [UInt64] = [1, 1, 0, UInt64(keys.count)] + keys.flatMap { $0 }
      entries.append(.init(34735, 3, .integers(directory)))
      entries.append(.init(34737, 2, .bytes(Array("\(citation)|".utf8) + [0])))
    }
  }
}
