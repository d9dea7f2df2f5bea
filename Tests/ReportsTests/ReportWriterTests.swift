// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Platform
import Raster
import Reports
import TestSupport
import Testing

/// The folder of a job, read back with the tools that a person would use.
@Suite struct ReportWriterTests {
  @Test func `all files are there and nothing else`() async throws {
    let job = try await WrittenJob.shared.value.job
    let names = try FileManager.default.contentsOfDirectory(atPath: job.outputs.path)
    #expect(names.sorted() == ReportWriter.fileNames.sorted())
  }

  @Test func `writing twice gives the same bytes`() async throws {
    let job = try await WrittenJob.shared.value.job
    let again = job.folder.url.appending(path: "again")
    func bytes(_ folder: URL) throws -> [Data] {
      try ReportWriter.fileNames.map { try Data(contentsOf: folder.appending(path: $0)) }
    }
    // The second time over an old report.
    for _ in 1...2 {
      _ = try await SampleJob.pool.run { try job.write(to: again) }
      #expect(try bytes(again) == bytes(job.outputs))
    }
  }

  @Test func `bought patches have the source's pixels and all else is masked`() async throws {
    let job = try await WrittenJob.shared.value.job
    let masks = job.usedMasks
    try await SampleJob.pool.run {
      let source = try Dataset(trusted: job.highResolution)
      let mosaic = try Dataset(trusted: job.outputs.appending(path: "mosaic.tif"))
      let whole = mosaic.layout.bounds
      #expect(mosaic.layout.extent == source.layout.extent)
      let (found, expected) = try (
        mosaic.read(whole, as: UInt8.self), source.read(whole, as: UInt8.self)
      )
      var wrong = 0
      for row in 0..<whole.height {
        for column in 0..<whole.width {
          let chip = ChipIndex(
            column: column / 64 + job.firstChip.column, row: row / 64 + job.firstChip.row)
          let patch = (row % 64) / 16 * 4 + (column % 64) / 16
          let isUsed = (masks[chip] ?? .none).contains(patch)
          let pixel = row * whole.width + column
          let bands = (0..<3).map { $0 * found.pixelCount + pixel }
          let isRight = bands.allSatisfy {
            found.samples[$0] == (isUsed ? expected.samples[$0] : 0)
          }
          if !isRight || found.validity[pixel] != isUsed { wrong += 1 }
        }
      }
      #expect(wrong == 0)
    }
  }

  @Test func `GDAL finds tiles, compression and a mask inside the mosaic`() async throws {
    let (job, report) = try await WrittenJob.shared.value.parts
    let mosaic = job.outputs.path + "/mosaic.tif"
    let object = try GDALTools.info(URL(filePath: mosaic))
    let structure = try #require(
      (object["metadata"] as? [String: Any])?["IMAGE_STRUCTURE"] as? [String: Any])
    #expect(structure["COMPRESSION"] as? String == "DEFLATE")
    #expect(structure["LAYOUT"] as? String == "COG")
    let notice = ((object["metadata"] as? [String: Any])?[""] as? [String: Any])?[
      "TIFFTAG_COPYRIGHT"]
    #expect(
      notice as? String
        == "© 2026 Example & Söhne; Contains modified Copernicus Sentinel data 2018.")
    let band = try #require((object["bands"] as? [[String: Any]])?.first)
    #expect(band["block"] as? [Int] == [256, 256])
    let flags = (band["mask"] as? [String: Any])?["flags"] as? [String]
    #expect(flags == ["PER_DATASET"])
    // The mask is 255 where a pixel is valid.
    let mask = job.folder.url.appending(path: "mask.tif").path
    _ = try GDALTools.run("gdal_translate", ["-q", "-b", "mask", mosaic, mask])
    let text = try GDALTools.text("gdalinfo", ["-stats", mask])
    let mean = try #require(text.firstMatch(of: /STATISTICS_MEAN=([0-9.]+)/)?.output.1)
    let patches = report.patches.bought + report.patches.owned
    let share = Double(patches) / Double(report.chips.total * 16)
    #expect(abs((Double(mean) ?? 0) / 255 - share) < 1e-6)
  }

  @Test func `GDAL finds names, colours and nodata in the class map`() async throws {
    let (job, report) = try await WrittenJob.shared.value.parts
    let file = job.outputs.appending(path: "classes.tif")
    let object = try GDALTools.info(file, ["-hist"])
    #expect(object["size"] as? [Int] == [12, 12])
    let names = (object["metadata"] as? [String: [String: String]])?[""]
    #expect(names?["CLASS_00"] == "AnnualCrop")
    #expect(names?["CLASS_09"] == "SeaLake")
    let band = try #require((object["bands"] as? [[String: Any]])?.first)
    #expect(band["noDataValue"] as? Double == 255)
    #expect(band["colorInterpretation"] as? String == "Palette")
    let counts = try #require((band["histogram"] as? [String: Any])?["buckets"] as? [Int])
    #expect(report.classes.map(\.chips) == Array(counts.prefix(10)))
    #expect(report.classes.reduce(0) { $0 + $1.chips } == 143)
  }

  @Test func `OGR reads the plan, and its shares of the price add up to the cent`() async throws {
    let (job, report) = try await WrittenJob.shared.value.parts
    let plan = job.outputs.path + "/plan.geojson"
    let text = try GDALTools.text("ogrinfo", ["-al", "-so", plan])
    let items = report.orders.reduce(0) { $0 + $1.items }
    #expect(text.contains("Feature Count: \(144 + items)"), "\(text)")
    #expect(text.contains("GEOGCRS[\"WGS 84\""))
    #expect(text.contains("price_share_minor_units: Integer"))
    let document = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: plan))) as? [String: Any])
    let features = try #require(document["features"] as? [[String: Any]])
    let properties = features.compactMap { $0["properties"] as? [String: Any] }
    let shares = properties.compactMap { $0["price_share_minor_units"] as? Int64 }
    #expect(shares.count == 144)
    #expect(shares.reduce(0, +) == report.money.captured.minorUnits)
    #expect(properties.count { $0["state"] as? String == "too_few_valid_pixels" } == 1)
  }

  @Test func `outlines run counterclockwise around the chips`() async throws {
    let job = try await WrittenJob.shared.value.job
    let document = try JSONSerialization.jsonObject(
      with: Data(contentsOf: job.outputs.appending(path: "plan.geojson")))
    let features = try #require((document as? [String: Any])?["features"] as? [[String: Any]])
    for feature in features {
      let geometry = feature["geometry"] as? [String: Any]
      let ring = try #require((geometry?["coordinates"] as? [[[Double]]])?.first)
      #expect(ring.count == 5 && ring.first == ring.last)
      let twice = zip(ring, ring.dropFirst()).reduce(0.0) { sum, edge in
        sum + edge.0[0] * edge.1[1] - edge.1[0] * edge.0[1]
      }
      #expect(twice > 0)
    }
  }

  @Test func `predictions have a line for each answer`() async throws {
    let job = try await WrittenJob.shared.value.job
    let url = job.outputs.appending(path: "predictions.tsv")
    let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
    #expect(lines.first == "row\tcolumn\tmask\tclass\tprobability")
    #expect(lines.count == 144)
    let first = try #require(job.inputs.results.first)
    let expected = [
      "\(first.chip.row)", "\(first.chip.column)", first.mask.hexadecimal(of: .paper),
      job.inputs.survey.classes[first.classIndex],
    ]
    #expect(lines[1].split(separator: "\t").dropLast().map(String.init) == expected)
  }

  @Test func `a job without money has answers from the scene alone`() async throws {
    let (job, report) = try await SampleJob.pool.run {
      let job = try SampleJob(tag: "nothing", buying: false)
      return (job, try job.write())
    }
    #expect(report.patches.bought == 0)
    #expect(report.money.spent.minorUnits == 0)
    #expect(report.chips.classified == 143)
    let info = try GDALTools.text("gdalinfo", ["-checksum", job.outputs.path + "/mosaic.tif"])
    #expect(info.contains("Checksum=0"))
    let page = try String(contentsOf: job.outputs.appending(path: "report.html"), encoding: .utf8)
    #expect(page.contains("Nothing was ordered."))
  }
}

/// Jobs whose pictures are smaller than their chips' pixels.
@Suite struct LargeReportTests {
  @Test func `a long strip over half a scene of floats is shown within 1600 pixels`() async throws {
    let folder = try TemporaryFolder()
    let outputs = folder.url.appending(path: "outputs")
    try await SampleJob.pool.run {
      let inputs = try StripJob.inputs(columnCount: 450, in: folder.url)
      try ReportWriter.write(inputs, to: outputs) { _, _ in
        [UInt8](repeating: 200, count: 3 * 64 * 64)
      }
      let mosaic = try Dataset(trusted: outputs.appending(path: "mosaic.tif"))
      #expect(mosaic.layout.width == 450 * 64)
      // The last chip of the first row, north-west patch.
      let last = try mosaic.read(
        PixelRect(column: 449 * 64, row: 0, width: 64, height: 64), as: UInt8.self)
      #expect(last.validity.count { $0 } == 16 * 16)
      #expect(last.samples[0] == 200)
    }
    let page = try String(contentsOf: outputs.appending(path: "report.html"), encoding: .utf8)
    #expect(page.contains("width=\"1600\" height=\"7\""))
  }
}

/// One job and its folder, written once for all tests that only read it.
struct WrittenJob: Sendable {
  let job: SampleJob
  let report: JobReport

  var parts: (job: SampleJob, report: JobReport) { (job, report) }

  static let shared = Task {
    try await SampleJob.pool.run {
      let job = try SampleJob()
      return WrittenJob(job: job, report: try job.write())
    }
  }
}

extension SampleJob {
  /// The chip in the north-west.
  var firstChip: ChipIndex {
    inputs.survey.chips.first?.chip ?? ChipIndex(column: 0, row: 0)
  }

  /// The patches that the mosaic must show.
  var usedMasks: [ChipIndex: PatchMask] {
    Dictionary(uniqueKeysWithValues: inputs.results.map { ($0.chip, $0.mask) })
  }
}
