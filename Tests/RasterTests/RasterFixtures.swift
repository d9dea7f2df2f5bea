// SPDX-License-Identifier: Apache-2.0

import Foundation
import Raster
import Testing

/// Where the tests find their files.
enum RasterFixtures {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Fixtures")
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static func url(_ name: String) -> URL { folder.appending(path: name) }

  static func demo(_ name: String) -> URL { root.appending(path: "etc/demo/\(name)") }

  /// The shared data, where this checkout has them beside it or `FOVEA_SHARED` names them.
  static let shared: URL? = {
    let named = ProcessInfo.processInfo.environment["FOVEA_SHARED"].map { URL(filePath: $0) }
    let beside = root.resolvingSymlinksInPath().deletingLastPathComponent()
      .appending(path: "shared")
    return [named, beside].compactMap { $0?.appending(path: "data") }
      .first { FileManager.default.fileExists(atPath: $0.path) }
  }()

  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: url(name)))
  }

  /// The size of the fixtures that are read.
  static let bounds = PixelRect(column: 0, row: 0, width: 45, height: 33)

  static let layout = RasterLayout(
    width: 45, height: 33, bandCount: 3, pixelType: .uint8, crs: "EPSG:32632",
    transform: GeoTransform(originX: 640_130, originY: 5_330_410, pixelSize: 10))
}

/// A folder that goes with the value.
struct ScratchFolder: ~Copyable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "fovea-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func file(_ name: String) -> URL { url.appending(path: name) }

  /// Writes a file of the given bytes.
  func file(_ name: String, _ bytes: [UInt8]) throws -> URL {
    try Data(bytes).write(to: file(name))
    return file(name)
  }

  var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }
  }
}

/// GDAL's own tools, the other opinion on what we write.
enum GDALTool {
  static let isInstalled = FileManager.default.isExecutableFile(atPath: "/usr/bin/gdalinfo")

  static func run(_ name: String, _ arguments: [String]) throws -> Data {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/\(name)")
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(name) \(arguments)")
    return data
  }

  /// What `gdalinfo` says, with the checksum of each band.
  static func info(_ url: URL) throws -> [String: Any] {
    let data = try run("gdalinfo", ["-json", "-checksum", url.path])
    return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  static func checksums(_ info: [String: Any]) -> [Int] {
    (info["bands"] as? [[String: Any]] ?? []).compactMap { $0["checksum"] as? Int }
  }
}
