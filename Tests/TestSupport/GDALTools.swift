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
  /// It may look at files beside the one that it opens, and writes none.
  public static func run(_ name: String, _ arguments: [String]) throws -> Data {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [name] + arguments
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
  public static func text(_ name: String, _ arguments: [String]) throws -> String {
    String(decoding: try run(name, arguments), as: UTF8.self)
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
