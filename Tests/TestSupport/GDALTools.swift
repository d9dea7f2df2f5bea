// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// GDAL's own programs, which read what we write as other people's programs do.
public enum GDALTools {
  /// Why a program did not do what a test asked of it.
  public struct Failure: Error, CustomStringConvertible {
    /// What failed.
    public let description: String
  }

  /// Runs a program, such as `gdalinfo`, and gives what it prints.
  ///
  /// - Parameter withSidecars: whether it looks at `.aux.xml` files. It then may also write to them
  ///   what it has computed, such as a histogram.
  public static func run(
    _ name: String, _ arguments: [String], withSidecars: Bool = false
  ) throws -> Data {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [name] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["GDAL_PAM_ENABLED": withSidecars ? "YES" : "NO"]) { _, new in new }
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let line = ([name] + arguments).joined(separator: " ")
      throw Failure(description: "\(line) ended with \(process.terminationStatus)")
    }
    return data
  }

  /// What a program prints, as text.
  public static func text(
    _ name: String, _ arguments: [String], withSidecars: Bool = false
  ) throws -> String {
    String(decoding: try run(name, arguments, withSidecars: withSidecars), as: UTF8.self)
  }

  /// What `gdalinfo -json` says of a raster.
  public static func info(_ file: URL, _ options: [String] = []) throws -> [String: Any] {
    let data = try run("gdalinfo", ["-json"] + options + [file.path])
    guard let object = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
      throw Failure(description: "gdalinfo printed no object for \(file.path)")
    }
    return object
  }
}
