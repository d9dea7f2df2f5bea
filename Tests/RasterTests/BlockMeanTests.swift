// SPDX-License-Identifier: Apache-2.0

import Foundation
import Raster
import Testing

@Suite struct BlockMeanTests {
  @Test func roundsHalfUp() {
    let window = Window<UInt8>(
      bandCount: 1, height: 2, width: 6, samples: [0, 0, 1, 1, 255, 255, 0, 1, 0, 0, 255, 254])
    // Means 0.25, 0.5 and 254.75.
    #expect(window.blockMean(zoom: 2).samples == [0, 1, 255])
  }

  @Test func aHoleEmptiesItsBlock() {
    let window = Window<Float>(
      bandCount: 1, height: 2, width: 4, samples: [1, 2, 5, 5, 3, 4, 5, 5],
      validity: [true, true, true, true, true, true, true, false])
    let mean = window.blockMean(zoom: 2)
    #expect(mean.samples == [2.5, 0])
    #expect(mean.validity == [true, false])
  }

  @Test func theDemosLowResolutionIsTheMeanOfItsHigh() throws {
    let high: Window<UInt8> = try Dataset(trusted: RasterFixtures.demo("eurosat_hr.tif")).readAll()
    let low: Window<UInt8> = try Dataset(trusted: RasterFixtures.demo("eurosat_lr.tif")).readAll()
    let mean = high.blockMean(zoom: 8)
    #expect(mean.samples == low.samples)
    #expect(mean.height == 96)
  }
}
