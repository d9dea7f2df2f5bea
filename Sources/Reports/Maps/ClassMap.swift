// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Platform
import Raster

/// `classes.tif`: one pixel a chip, its value the class's index, 255 where there is no answer.
enum ClassMap {
  static func write(
    _ chips: [ReportChip], in frame: ChipFrame, classes: ClassTable, crs: String,
    copyright: String?, to url: URL
  ) throws {
    let layout = frame.layout(pixelsPerChip: 1, bandCount: 1, crs: crs)
    var writer = try GeoTIFFWriter(
      url: url, classes: classes, width: layout.width, height: layout.height, crs: crs,
      transform: layout.transform, copyright: copyright)
    // Chips are in order, so those of one row lie together; a window is a row of tiles.
    var rest = chips[...]
    for top in stride(from: 0, to: layout.height, by: Self.windowRowCount) {
      let height = min(Self.windowRowCount, layout.height - top)
      var samples = [UInt8](repeating: ClassTable.noData, count: height * layout.width)
      while let chip = rest.first, chip.chip.row - frame.row < top + height {
        rest.removeFirst()
        let place = frame.offset(of: chip.chip)
        guard let answer = chip.answer else { continue }
        samples[(place.row - top) * layout.width + place.column] = UInt8(answer.classIndex)
      }
      try writer.write(
        Window(bandCount: 1, height: height, width: layout.width, samples: samples), column: 0,
        row: top)
    }
    try writer.finish(as: .cloudOptimised)
  }

  /// `classes.tif.aux.xml`: the names of the values, which a GeoTIFF itself has no place for, where
  /// GDAL and QGIS look for them.
  static func writeNames(_ classes: ClassTable, to url: URL) throws(PlatformError) {
    let names = classes.names.map { "      <Category>\(XMLText.escaped($0))</Category>" }
    let text = """
      <PAMDataset>
        <PAMRasterBand band="1">
          <CategoryNames>
      \(names.joined(separator: "\n"))
          </CategoryNames>
        </PAMRasterBand>
      </PAMDataset>

      """
    try DurableFile.write(Data(text.utf8), to: url)
  }

  private static let windowRowCount = 256
}
