// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Raster
import Synchronization
import TestSupport

/// What came of one hostile file.
struct RasterFuzzVerdict: Sendable {
  let seed: UInt64
  /// Why it was refused, or nil where it was taken.
  var error: RasterError?
  /// The signal that ended the child.
  var signal: Int32?
  var isTimeout = false
  var seconds = 0.0
  /// What must never be; empty where all is well.
  var failures: [String] = []
}

/// Puts hostile files through ``Ingest`` one after another, and looks at what comes of each.
struct RasterFuzzJudge: Sendable {
  /// A folder for the file, and one for its clean copy: whatever else is in them is a failure.
  private let input: URL
  private let output: URL
  private let decoder: RasterDecoder
  private let incidents: Incidents

  /// What the decoder said of the last file.
  private final class Incidents: Sendable {
    let last = Mutex<DecodeIncident?>(nil)
  }

  init(folder: URL) throws {
    let incidents = Incidents()
    self.incidents = incidents
    decoder = RasterDecoder(processCount: 1) { incident in
      incidents.last.withLock { $0 = incident }
    }
    input = folder.appending(path: "in")
    output = folder.appending(path: "out")
    for folder in [input, output] {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }
  }

  /// Refusals that a file's own bytes can have; all others blame us.
  private static let kinds: Set = [
    "raster-not-tiff", "raster-too-large", "raster-malformed", "raster-unsupported",
    "raster-georeference", "raster-values", "raster-decode-failed", "raster-decode-mismatch",
    "crs-unknown",
  ]
  private static let largestSeconds = 20.0

  func judge(_ sample: HostileRaster.Sample) throws -> RasterFuzzVerdict {
    let file = input.appending(path: "\(sample.seed).tif")
    try Data(sample.bytes).write(to: file)
    defer { unlink(file.path) }
    var verdict = RasterFuzzVerdict(seed: sample.seed)
    let started = ContinuousClock.now
    let isTwice = sample.seed % 16 == 0
    let first = ingest(file, hashesPixels: isTwice)
    verdict.seconds = (ContinuousClock.now - started) / .seconds(1)
    if verdict.seconds > Self.largestSeconds {
      verdict.failures.append("it took \(verdict.seconds) s")
    }
    note(incidents.last.withLock { $0.take() }, &verdict)
    look(at: first, &verdict)
    if isTwice { checkAgain(file, first, &verdict) }
    let names = try FileManager.default.contentsOfDirectory(atPath: input.path)
    if names != [file.lastPathComponent] { verdict.failures.append("beside it: \(names)") }
    let left = try FileManager.default.contentsOfDirectory(atPath: output.path)
    if !left.isEmpty {
      verdict.failures.append("left behind: \(left)")
      for name in left { unlink(output.appending(path: name).path) }
    }
    return verdict
  }

  private struct Answer {
    var facts: SceneFacts?
    var error: RasterError?
    var failures: [String] = []
    /// Of the clean copy's pixels, where it was asked for.
    var pixelHash: Int?
  }

  /// Takes the file in, and its clean copy away.
  private func ingest(_ file: URL, hashesPixels: Bool) -> Answer {
    let clean = output.appending(path: "clean.tif")
    var answer = Answer()
    do throws(RasterError) {
      let facts = try Ingest.scene(file, cleanCopy: clean, decoder: decoder)
      answer.facts = facts
    } catch {
      answer.error = error
    }
    guard let facts = answer.facts else { return answer }
    do {
      try check(facts, clean)
      if hashesPixels { answer.pixelHash = try pixelHash(of: clean) }
    } catch {
      answer.failures.append("the clean copy: \(error)")
    }
    unlink(clean.path)
    return answer
  }

  /// Of values and validity; the order of the tiles in the file is GDAL's affair.
  private func pixelHash(of clean: URL) throws -> Int {
    let dataset = try Dataset(trusted: clean)
    let bounds = dataset.layout.bounds
    var hasher = Hasher()
    for row in stride(from: 0, to: bounds.height, by: 64) {
      let rect = PixelRect(
        column: 0, row: row, width: bounds.width, height: min(64, bounds.height - row))
      let window: Window<Float> = try dataset.read(rect)
      window.samples.withUnsafeBytes { hasher.combine(bytes: $0) }
      window.validity.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
    return hasher.finalize()
  }

  private struct Wrong: Error, CustomStringConvertible {
    let description: String
  }

  /// The clean copy opens, is what the facts say, and can be read.
  private func check(_ facts: SceneFacts, _ clean: URL) throws {
    let dataset = try Dataset(trusted: clean)
    guard dataset.layout == facts.layout else {
      throw Wrong(description: "\(dataset.layout) is not \(facts.layout)")
    }
    let layout = facts.layout
    let extent = layout.extent
    let numbers = [
      extent.west, extent.south, extent.east, extent.north, facts.noDataShare,
      facts.groundSampleDistanceMetres.x, facts.groundSampleDistanceMetres.y,
    ]
    guard numbers.allSatisfy(\.isFinite), (0..<1).contains(facts.noDataShare),
      facts.sourceDigest.count == 64, facts.bands.count == layout.bandCount,
      !facts.footprint.polygons.isEmpty
    else { throw Wrong(description: "facts that cannot be: \(facts)") }
    let rect = PixelRect(
      column: layout.width - 1, row: layout.height - 1, width: 1, height: 1)
    let window: Window<Float> = try dataset.read(rect)
    guard window.samples.allSatisfy(\.isFinite) else {
      throw Wrong(description: "a pixel that is no number")
    }
  }

  private func note(_ incident: DecodeIncident?, _ verdict: inout RasterFuzzVerdict) {
    switch incident?.end {
    case .signalled(let number):
      verdict.signal = Int32(number)
      // The filter is for what a taken-over process would do: a bad file alone never meets it.
      if verdict.signal == SIGSYS { verdict.failures.append("the filter ended the process") }
    case .ranOutOfTime: verdict.isTimeout = true
    case .exited, .givenUp, nil: break
    }
  }

  private func look(at answer: Answer, _ verdict: inout RasterFuzzVerdict) {
    verdict.failures += answer.failures
    guard let error = answer.error else { return }
    verdict.error = error
    if !Self.kinds.contains(error.kind) { verdict.failures.append("\(error.kind): \(error)") }
    let text = error.description
    if text.count > 4000 || !text.unicodeScalars.allSatisfy(Self.isPlain) {
      verdict.failures.append("a message of \(text.count) characters that is not plain")
    }
    if text.contains(".part") || text.contains(output.path) {
      verdict.failures.append("a message with our own names: \(text)")
    }
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    ![.control, .format, .lineSeparator, .paragraphSeparator, .surrogate]
      .contains(scalar.properties.generalCategory)
  }

  /// The same bytes have the same answer, to the last pixel of the clean copy.
  private func checkAgain(_ file: URL, _ first: Answer, _ verdict: inout RasterFuzzVerdict) {
    let second = ingest(file, hashesPixels: true)
    if second.error != first.error || second.facts != first.facts
      || second.pixelHash != first.pixelHash
    {
      let answers = [first, second].map { answer in
        answer.error.map { "\($0)" }
          ?? "taken, pixels \(answer.pixelHash ?? 0), \(String(describing: answer.facts))"
      }
      verdict.failures.append("answered first: \(answers[0]); then: \(answers[1])")
    }
  }
}
