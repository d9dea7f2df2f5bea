// SPDX-License-Identifier: Apache-2.0

import Foundation
import Raster
import Testing

/// A collection of rasters with its table of truth, and what ``Ingest`` makes of each.
struct SharedTable {
  /// A file that is to be judged.
  struct Row {
    let name: String
    /// `ok`, `refuse`, or `ok-or-refuse`.
    let expected: String
    /// Whether only one outcome is sensible.
    let isFirm: Bool
    let columns: [String: String]

    /// The kind of the refusal, where the table gives the reason in its own words.
    var kind: String? {
      guard let reason = columns["expected"]?.split(separator: ": ").dropFirst().first else {
        return nil
      }
      return ["pixels", "codec"].contains { reason.contains($0) }
        ? "raster-unsupported" : "raster-georeference"
    }
  }

  /// What became of a row.
  struct Judgement {
    let row: Row
    var facts: SceneFacts?
    var error: RasterError?
    /// The bands as they are shown to people, with their checksums, where it was taken.
    var bands: [InspectedBand] = []
    var seconds: Double

    /// Taken or refused against the table.
    var isWrong: Bool { row.expected == (facts == nil ? "ok" : "refuse") }
  }

  let folder: String
  let rows: [Row]

  init(_ folder: String) throws {
    self.folder = folder
    let url = try #require(RasterFixtures.shared).appending(path: "\(folder)/EXPECT.tsv")
    let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
      .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
    let head = try #require(lines.first)
    rows = try lines.dropFirst().compactMap { line in
      let columns = Dictionary(uniqueKeysWithValues: zip(head, line))
      let name = try #require(columns["file"])
      let expected = try #require(columns["expected"]?.split(separator: ":").first)
      // A file that lies beside another, and is never to be read.
      guard expected != "sidecar" else { return nil }
      return Row(
        name: name, expected: String(expected),
        isFirm: columns["firmness", default: "firm"] == "firm", columns: columns)
    }
  }

  func judge(_ row: Row) throws -> Judgement {
    let scratch = try ScratchFolder()
    let source = try #require(RasterFixtures.shared).appending(path: "\(folder)/\(row.name)")
    let clean = scratch.file("clean.tif")
    let started = ContinuousClock.now
    var judgement = Judgement(row: row, seconds: 0)
    do throws(RasterError) {
      judgement.facts = try Ingest.scene(source, cleanCopy: clean)
    } catch {
      judgement.error = error
    }
    judgement.seconds = (ContinuousClock.now - started) / .seconds(1)
    if judgement.facts != nil {
      let inspection = Ingest.inspect(source, wantsChecksums: true)
      #expect(inspection.refusal == nil, "\(row.name)")
      judgement.bands = inspection.bands
    }
    #expect(try scratch.names == (judgement.facts == nil ? [] : ["clean.tif"]), "\(row.name)")
    return judgement
  }

  /// The line of counts, and what was decided where the table leaves it open.
  func summary(_ judgements: [Judgement]) -> String {
    func counts(_ which: [Judgement]) -> String {
      "\(which.count(where: { $0.facts != nil })) accepted, "
        + "\(which.count(where: { $0.facts == nil })) refused, "
        + "\(which.count(where: \.isWrong)) wrong"
    }
    let firm = judgements.filter(\.row.isFirm)
    let policy = judgements.filter { !$0.row.isFirm }
    let slowest = judgements.map(\.seconds).max() ?? 0
    var lines = ["\(folder): firm \(firm.count) (\(counts(firm)))"]
    if !policy.isEmpty { lines[0] += "; policy \(policy.count) (\(counts(policy)))" }
    lines[0] += String(format: "; slowest %.2f s; ", slowest)
    lines[0] += "\(judgements.count(where: { !$0.bands.isEmpty })) checksums compared"
    for judgement in policy {
      let decision = judgement.error.map { "refused: \($0.reason)" } ?? "accepted"
      lines.append("  policy \(judgement.row.name): \(decision)")
    }
    for judgement in firm where judgement.isWrong {
      let answer = judgement.error.map { "\($0.kind): \($0.reason)" } ?? "accepted"
      lines.append("  WRONG \(judgement.row.name): \(answer)")
    }
    return lines.joined(separator: "\n")
  }
}
