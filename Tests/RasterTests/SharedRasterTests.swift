// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Raster
import Testing

/// The shared collections of rasters: all of them, where they are at hand.
@Suite(.enabled(if: RasterFixtures.shared != nil, "the shared data are not beside the checkout"))
struct SharedRasterTests {
  /// The rows of a collection's table, by column name.
  private func rows(_ folder: String) throws -> [[String: String]] {
    let url = try #require(RasterFixtures.shared).appending(path: "\(folder)/EXPECT.tsv")
    let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
      .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
    let head = try #require(lines.first)
    return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(head, $0)) }
  }

  private func judge(_ folder: String, _ name: String) throws -> Result<SceneFacts, RasterError> {
    let scratch = try ScratchFolder()
    let source = try #require(RasterFixtures.shared).appending(path: "\(folder)/\(name)")
    do {
      return .success(try Ingest.scene(source, cleanCopy: scratch.file("clean.tif")))
    } catch {
      return .failure(error)
    }
  }

  @Test(.timeLimit(.minutes(2))) func noHostileFileDoesHarm() throws {
    var (taken, refused) = (0, 0)
    for row in try rows("hostile") {
      let name = try #require(row["file"])
      guard row["expected"] != "sidecar" else { continue }
      switch try judge("hostile", name) {
      case .success:
        taken += 1
        #expect(row["expected"] != "refuse", "\(name) was taken")
      case .failure(let error):
        refused += 1
        #expect(error.description.count < 4000, "\(name)")
      }
    }
    print("hostile rasters: \(taken) taken, \(refused) refused")
  }

  @Test func noFormatIsTakenThatMustBeRefused() throws {
    var counts: [String: Int] = [:]
    for row in try rows("formats") {
      let name = try #require(row["file"])
      guard name.hasSuffix(".tif") else { continue }
      switch try judge("formats", name) {
      case .success(let facts):
        counts["taken", default: 0] += 1
        #expect(row["expected"] == "ok", "\(name) was taken")
        #expect(row["size"] == "\(facts.layout.width)x\(facts.layout.height)", "\(name)")
      case .failure(let error):
        counts[error.kind, default: 0] += 1
        // Of a file that others read, only its type or place is not ours; it is never "damaged".
        let kinds = ["raster-unsupported", "raster-georeference", "raster-too-large"]
        #expect(row["expected"] != "ok" || kinds.contains(error.kind), "\(name): \(error)")
      }
    }
    print("formats:", counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" })
  }

  @Test(.enabled(if: GDALTool.isInstalled, "gdal-bin is not installed"))
  func takenFormatsKeepTheirPixels() throws {
    let scratch = try ScratchFolder()
    let shared = try #require(RasterFixtures.shared)
    var compared = 0
    for row in try rows("formats") where row["file"]?.hasSuffix(".tif") == true {
      let name = try #require(row["file"])
      let clean = scratch.file(name)
      // What is refused is another test's.
      guard
        let facts = try? Ingest.scene(
          shared.appending(path: "formats/\(name)"), cleanCopy: clean), facts.noDataShare == 0
      else { continue }
      // Where a file has a scale, the clean copy has the values, not the file's numbers; signed bytes
      // are unsigned ones to the checksum of this GDAL.
      guard facts.bands.allSatisfy({ $0.isPlain && $0.type != "Int8" }) else { continue }
      // Empty pixels become 0 in the clean copy, so only full rasters compare by checksum.
      let checksum = GDALTool.checksums(try GDALTool.info(clean)).first
      #expect(checksum.map(String.init) == row["band1_checksum"], "\(name)")
      compared += 1
    }
    #expect(compared > 10)
  }

  @Test func patchworksAreTheirOwnMean() throws {
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
