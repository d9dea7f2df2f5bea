// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Platform
import Raster
import Synchronization

extension SceneCommand {
  struct Synthesize: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "synthesize",
      abstract: "Make a procedural scene to try things on; needs no daemon.",
      discussion: """
        Writes \(SceneSynthesis.highName), \(SceneSynthesis.lowName) (the mean of each block of HR \
        pixels) and \(SceneSynthesis.truthName) (the class of each chip, named as EuroSAT's): \
        lakes, rivers, forest, meadows, fields, towns and roads. The same options give the same \
        files.
        """)

    @Option(help: "The folder to write to; made where it is missing.", completion: .directory)
    var output: String

    @Option(
      help: """
        Chips as COLUMNSxROWS, or their number: they are then laid out nearly square, rounded up \
        where it does not divide.
        """, transform: ChipExtent.init(argument:))
    var chips = ChipExtent(columns: 30, rows: 30)

    @Option(name: .customLong("chip-side"), help: "The side of a chip in HR pixels.")
    var chipSide = 64

    @Option(help: "HR pixels along one LR pixel.")
    var zoom = 8

    @Option(help: "1 (grey), 3 (red, green, blue) or 4 (and near infrared).")
    var bands = 3

    @Option(help: "The side of an HR pixel on the ground, in metres.")
    var gsd = 10.0

    @Option(help: "Where all randomness starts.")
    var seed: UInt64 = 1

    @Option(help: "A UTM zone, EPSG:32601 to 32660 north or EPSG:32701 to 32760 south.")
    var crs = "EPSG:32632"

    @Flag(help: "Replace files that are there.")
    var force = false

    func validate() throws { _ = try synthesis() }

    func run() async throws {
      try await ComputePool(threadCount: 1).run { [self] in try synthesize() }
    }

    private func synthesis() throws -> SceneSynthesis {
      do throws(RasterError) {
        return try SceneSynthesis(
          chipColumns: chips.columns, chipRows: chips.rows, chipPixels: chipSide, zoom: zoom,
          bandCount: bands, groundSampleDistanceMetres: gsd, seed: seed, crs: crs)
      } catch {
        throw ValidationError(error.description)
      }
    }

    private func synthesize() throws {
      let synthesis = try synthesis()
      let folder = URL(filePath: output, directoryHint: .isDirectory)
      let names = [SceneSynthesis.highName, SceneSynthesis.lowName, SceneSynthesis.truthName]
      let files = names.map { folder.appending(path: $0).path }
      if let there = files.first(where: FileManager.default.fileExists(atPath:)), !force {
        throw CommandFailure(
          "\(there) is there already. Give another --output, or --force to replace it.", .badData)
      }
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      var bar = ProgressBar()
      Interrupt.watch()
      defer { bar.clear() }
      do {
        try synthesis.write(to: folder) { done, total in
          bar.show("synthesize", completed: done, total: total)
          return !Interrupt.hasCome.load(ordering: .relaxed)
        }
      } catch is CancellationError {
        throw CommandFailure("interrupted: nothing was written.", .tryLater)
      }
      bar.clear()
      for file in files { print(file) }
    }
  }
}

/// Chips along the two sides of a scene.
struct ChipExtent {
  let columns: Int
  let rows: Int

  init(columns: Int, rows: Int) { (self.columns, self.rows) = (columns, rows) }

  /// Reads `COLUMNSxROWS` or a number.
  init(argument: String) throws {
    let parts = argument.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    switch (parts.count, parts.first ?? nil, parts.last ?? nil) {
    case (2, let columns?, let rows?) where columns > 0 && rows > 0:
      self.init(columns: columns, rows: rows)
    case (1, let count?, _) where count > 0 && count <= 1_000_000_000:
      self.init(count: count)
    default:
      throw ValidationError(
        "\"\(argument)\" is no number of chips: give for example 30x30 or 900.")
    }
  }

  /// At least `count` chips: exactly so many where they fill a rectangle of at most two to one.
  private init(count: Int) {
    let root = Int(Double(count).squareRoot().rounded(.down))
    let rows =
      stride(from: root, through: 1, by: -1)
      .first { count.isMultiple(of: $0) && count / $0 <= 2 * $0 } ?? root
    self.init(columns: (count + rows - 1) / rows, rows: rows)
  }
}

/// Whether a person pressed control-C, so that the work can end in order.
private enum Interrupt {
  static let hasCome = Atomic<Bool>(false)

  /// From here on the key sets ``hasCome`` instead of ending the program.
  static func watch() {
    // The first use makes the value: not in the handler, which may do no more than store.
    hasCome.store(false, ordering: .relaxed)
    signal(SIGINT) { _ in Interrupt.hasCome.store(true, ordering: .relaxed) }
  }
}
