// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Platform

extension InspectionSheet {
  /// Prints the sheet for people: the verdict, then a line for each thing known.
  func print() {
    Printing.sheet("\(file): \(verdict.rawValue)\(kind.map { " (\($0))" } ?? "")", lines)
  }

  private var lines: [(String, String?)] {
    [
      ("reason", reason), ("do", remedy), ("size", size), ("bands", bandWords),
      ("checksums", checksums), ("CRS", crs.map { $0.count <= 72 ? $0 : $0.prefix(69) + "..." }),
      ("pixel", pixel), ("longitude", box.map(Printing.longitudes)),
      ("latitude", box.map(Printing.latitudes)),
      ("empty", nodataShare.map { Printing.percent($0) + " of the pixels" }),
      ("acquired", acquiredAt.map(Printing.time)),
      (
        "chips", latticeCrs.map { "on a lattice of \($0.prefix(40))" + (isOwn($0) ? "" : " (UTM)") }
      ),
      ("file", fileWords),
    ]
  }

  private func isOwn(_ lattice: String) -> Bool { lattice == crs }

  private var size: String? {
    guard let width, let height else { return nil }
    return "\(width) x \(height) pixels"
  }

  private var bandWords: String? {
    guard let first = bands.first else { return nil }
    let colours = bands.compactMap(\.colour).filter { $0 != "Undefined" }
    let parts = [
      "\(bands.count) of \(first.type)", colours.isEmpty ? nil : colours.joined(separator: ", "),
      first.nodata.map { "nodata \($0)" },
      first.scale == 1 && first.offset == 0
        ? nil : "scale \(first.scale), offset \(first.offset)",
    ]
    return parts.compactMap(\.self).joined(separator: "; ")
  }

  private var checksums: String? {
    let sums = bands.compactMap(\.checksum)
    return sums.isEmpty ? nil : sums.map(String.init).joined(separator: ", ")
  }

  private var pixel: String? {
    guard let pixelSize, let ground = groundSampleDistance else { return nil }
    let own = pixelSize.map { "\(Printing.short($0))" }.joined(separator: " x ")
    return
      "\(ground.map(Printing.short).joined(separator: " x ")) m on the ground, \(own) in its CRS"
  }

  private var box: GeographicBox? {
    bbox.map { GeographicBox(west: $0[0], south: $0[1], east: $0[2], north: $0[3]) }
  }

  private var fileWords: String? {
    guard let bytes, let sha256 else { return nil }
    return "\(bytes) bytes, SHA-256 \(sha256)"
  }
}
