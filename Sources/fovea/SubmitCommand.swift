// SPDX-License-Identifier: Apache-2.0

import Acquisition
import ArgumentParser
import Client
import Foundation
import Platform
import Raster
import Wire

struct SubmitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit", abstract: "Queue a job: plan, buy, classify, report.",
    discussion: """
      Exit codes: 0 queued (or, with --watch, done), 65 refused or failed, 69 no daemon, 75 parked.
      """)

  @Option(help: "The scene's id (fovea scene list).") var scene: String
  @Option(help: "The model's name (fovea models).") var model: String
  @Option(help: "The vendor's name (fovea vendors).") var vendor: String
  @Option(help: "The budget that pays.") var budget: String
  @Option(
    help: "A GeoJSON polygon in WGS 84; the scene's extent when left out.",
    completion: .file(extensions: ["geojson", "json"])) var region: String?
  @Option(help: "WEST,SOUTH,EAST,NORTH in degrees, instead of --region.") var bbox: String?
  @Option(help: "What this job may spend at most, as in \"40.00 EUR\".") var cap: String?
  @Option(help: "Keep probability from which a patch is wanted; the model's own when left out.")
  var threshold: Double?
  @Option(help: "Where chips begin: crs, scene, or X,Y in the scene's metres.")
  var gridOrigin = "crs"
  @Option(help: "A label of your own.") var tag: String?
  @Option(help: "A key of your own: the same key and job again queue nothing new.")
  var key: String?
  @Flag(help: "Stay and show the job's progress.") var watch = false
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if region != nil && bbox != nil {
      throw ValidationError("Give --region or --bbox, not both.")
    }
    if let threshold, !(0...1).contains(threshold) {
      throw ValidationError("--threshold is a probability from 0 to 1, not \(threshold).")
    }
    if GridOrigin(gridOrigin) == nil {
      throw ValidationError("--grid-origin is crs, scene or X,Y, not \"\(gridOrigin)\".")
    }
  }

  func run() async throws {
    let request = JobRequest(
      scene: scene, region: try regionOfInterest().map { RegionDocument($0) }, model: model,
      vendor: vendor, budget: budget, cap: try cap.map { try Money(parsing: $0) },
      keepThreshold: threshold, gridOrigin: GridOrigin(gridOrigin) ?? .crs, tag: tag)
    let daemon = try connection.connect()
    let job = try await daemon.submit(request, idempotencyKey: key ?? UUID().text)
    if output.json && !watch { return try Printing.json(job) }
    if !output.json { print("job \(job.id)") }
    // The id before the progress, also where the output is no terminal.
    fflush(nil)
    if watch { try await Watching.watch(job.id, daemon, output) }
  }

  /// Reads and checks the region here, so that a mistake is named by file, line and column.
  private func regionOfInterest() throws -> Region? {
    if let bbox {
      let edges = bbox.split(separator: ",", omittingEmptySubsequences: false).map {
        Double($0.trimmingCharacters(in: .whitespaces))
      }
      guard edges.count == 4, let west = edges[0], let south = edges[1], let east = edges[2],
        let north = edges[3]
      else {
        throw CommandFailure(
          "--bbox \"\(bbox)\": not four numbers. Give WEST,SOUTH,EAST,NORTH in degrees.", .badData)
      }
      return try Region(west: west, south: south, east: east, north: north)
    }
    guard let region else { return nil }
    let bytes = Array(try Data(contentsOf: URL(filePath: region)))
    do {
      let area = try Region(geoJSON: bytes)
      try area.checkGeometry()
      return area
    } catch {
      throw CommandFailure("\(region):\(error)", .badData)
    }
  }
}
