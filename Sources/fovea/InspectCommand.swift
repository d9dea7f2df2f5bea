// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Platform
import Raster

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "What a GeoTIFF is, and whether the daemon would take it as a scene.",
    discussion: """
      The file is judged as the daemon judges it, to the last pixel, and nothing is kept. Pixel \
      sizes on the ground are geodesic, in the middle of the raster. Exit codes: 0 accepted, 65 \
      refused, 66 no such file, 69 rasters cannot be decoded here.
      """)

  @Argument(
    help: "The GeoTIFF; a name that begins with a hyphen goes behind --.",
    completion: .file(extensions: ["tif", "tiff"]))
  var file: String
  @Flag(help: "Add the checksum of each band as gdalinfo -checksum has it.")
  var checksum = false
  @OptionGroup var output: OutputOptions

  func run() throws {
    let found = Ingest.inspect(URL(filePath: file), wantsChecksums: checksum)
    switch found.refusal {
    case .decoderUnavailable(let reason, let remedy):
      throw CommandFailure("rasters cannot be decoded here: \(reason). \(remedy)", .unavailable)
    case .cannotWrite(let path, let reason):
      throw CommandFailure("could not write \(path): \(reason). Make room there.", .inputOutput)
    default: break
    }
    let sheet = InspectionSheet(found, of: file)
    if output.json { try Printing.json(sheet) } else { sheet.print() }
    switch found.refusal {
    case nil: break
    case .cannotRead: throw ArgumentParser.ExitCode(Platform.ExitCode.noInput.rawValue)
    default: throw ArgumentParser.ExitCode(Platform.ExitCode.badData.rawValue)
    }
  }
}
