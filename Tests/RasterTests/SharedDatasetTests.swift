// SPDX-License-Identifier: Apache-2.0

import Foundation
import Raster
import TestSupport
import Testing

/// Many small windows, read by several threads.
@Suite struct SharedDatasetTests {
  private static let scene = TestPaths.root.appending(path: "etc/demo/eurosat_hr.tif")

  @Test(arguments: [1, 2, 3])
  func `windows are those that are read one by one`(threadCount: Int) throws {
    let plain = try Dataset(trusted: Self.scene)
    let shared = try SharedDataset(trusted: Self.scene, threadCount: threadCount)
    #expect(shared.layout == plain.layout)
    var rects: [PixelRect] = []
    // Neighbours, gaps, blocks' borders, another size, an overlap, out of order, half outside.
    for row in [0, 64, 230] {
      rects += [0, 64, 128, 192, 256, 448, 500].map {
        PixelRect(column: $0, row: row, width: 64, height: 64)
      }
    }
    rects += [
      PixelRect(column: 300, row: 230, width: 8, height: 16),
      PixelRect(column: 310, row: 230, width: 8, height: 16),
      PixelRect(column: 304, row: 230, width: 60, height: 16),
      PixelRect(column: -30, row: 10, width: 64, height: 64),
      PixelRect(column: shared.layout.width - 20, row: -40, width: 64, height: 64),
    ]
    let windows: [Window<UInt8>] = try shared.read(rects)
    #expect(windows.count == rects.count)
    for (rect, window) in zip(rects, windows) {
      let expected: Window<UInt8> = try plain.read(rect)
      #expect(
        window.samples == expected.samples && window.validity == expected.validity
          && window.width == rect.width && window.height == rect.height, "\(rect)")
    }
    #expect(try (shared.read([]) as [Window<Float>]).isEmpty)
  }
}
