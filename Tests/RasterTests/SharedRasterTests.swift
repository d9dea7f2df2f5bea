// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Raster
import TestSupport
import Testing

/// The shared collections of rasters: all of them, where they are at hand.
@Suite(
  .serialized,
  .enabled(if: RasterFixtures.shared != nil, "the shared data are not beside the checkout"))
struct SharedRasterTests {
  @Test(.timeLimit(.minutes(5)), arguments: ["formats", "scenes", "hostile"])
  func `each raster is judged as the table says`(folder: String) throws {
    let table = try SharedTable(folder)
    let judgements = try table.rows.map(table.judge)
    RasterFuzzRun.say(table.summary(judgements))
    for judgement in judgements {
      let name = judgement.row.name
      let answer = judgement.error.map { "\($0.kind): \($0)" } ?? "accepted"
      #expect(!judgement.isWrong || !judgement.row.isFirm, "\(name): \(answer)")
      #expect(answer.count < 4000 && judgement.seconds < 20, "\(name)")
      if judgement.row.isFirm, let error = judgement.error, let kind = judgement.row.kind {
        #expect(error.kind == kind, "\(name): \(answer)")
      }
      checkFacts(judgement)
    }
    for who in [RUSAGE_SELF, RUSAGE_CHILDREN] {
      #expect(RasterFuzzTally.peakMemoryBytes(who) <= RasterFuzzRun.largestMemoryBytes)
    }
  }

  /// What was taken is what GDAL finds too, to the last bit of the first band.
  private func checkFacts(_ judgement: SharedTable.Judgement) {
    let (row, name) = (judgement.row.columns, judgement.row.name)
    guard let facts = judgement.facts, row["size"] != nil, let band = judgement.bands.first else {
      return
    }
    #expect(row["size"] == "\(facts.layout.width)x\(facts.layout.height)", "\(name)")
    #expect(row["bands"] == "\(judgement.bands.count)", "\(name)")
    // GDAL 3.6 has no type for signed bytes; it shows them as bytes with a note.
    #expect(row["type"] == (band.type == "Int8" ? "Byte" : band.type), "\(name)")
    #expect(row["band1_checksum"] == band.checksum.map { "\($0)" }, "\(name)")
  }

  @Test func `patchworks are their own mean`() throws {
    let folder = try #require(RasterFixtures.shared).appending(path: "patchwork")
    for (name, zoom) in [("eurosat", 8), ("ucmerced", 16)] {
      let high: Window<UInt8> = try Dataset(trusted: folder.appending(path: "\(name)_hr.tif"))
        .readAll()
      let low: Window<UInt8> = try Dataset(trusted: folder.appending(path: "\(name)_lr.tif"))
        .readAll()
      #expect(high.blockMean(zoom: zoom).samples == low.samples, "\(name)")
    }
  }
}

/// What a person sees who has no shared data: that these tests did not run.
@Suite(.enabled(if: RasterFixtures.shared == nil, "the shared data are here"))
struct WithoutSharedRasterTests {
  @Test func `the tests on the shared rasters say that they are skipped`() {
    RasterFuzzRun.say(
      "SKIPPED: formats, scenes, hostile, patchwork: no ../shared beside the checkout, and "
        + "FOVEA_SHARED names none")
  }
}
