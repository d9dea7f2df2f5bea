// SPDX-License-Identifier: Apache-2.0

import Acquisition
import ArgumentParser
import Foundation
import Platform
import Raster
import Wire

/// What a job is: the options that `submit` and `plan` share.
struct JobOptions: ParsableArguments {
  /// In what the numbers of `--bbox` are.
  enum BoxSystem: String, ExpressibleByArgument, CaseIterable {
    /// Degrees of WGS 84.
    case degrees
    /// Metres of the scene's coordinate reference system.
    case scene
  }

  @Option(help: "The scene's id (fovea scene list).") var scene: String
  @Option(help: "The model's name (fovea models).") var model: String
  @Option(help: "The vendor's name (fovea vendors).") var vendor: String
  @Option(help: "The budget that pays.") var budget: String
  @Option(
    help: "A GeoJSON polygon in WGS 84; the scene's extent when left out.",
    completion: .file(extensions: ["geojson", "json"])) var region: String?
  @Option(help: "WEST,SOUTH,EAST,NORTH instead of --region.") var bbox: String?
  @Option(help: "What --bbox is given in: degrees, or scene for metres of the scene's system.")
  var bboxCrs = BoxSystem.degrees
  @Option(help: "What this job may spend at most, as in \"40.00 EUR\".") var cap: String?
  @Option(help: "Ask before a plan is bought that costs more, as in \"10.00 EUR\".")
  var approveOver: String?
  @Option(help: "Keep probability from which a patch is wanted; the model's own when left out.")
  var threshold: Double?
  @Option(help: "Where chips begin: crs, scene, or X,Y in metres of the chips' system.")
  var gridOrigin = "crs"
  @Option(help: "The chips' coordinate system, as EPSG:32633; the scene's, or the UTM zone.")
  var crs: String?
  @OptionGroup var imagery: ImageryOptions
  @Option(help: "How urgent it is, -100 to 100; of two waiting jobs the higher runs first.")
  var priority = 0
  @Option(help: "A label of your own.") var tag: String?
  @Option(help: "A key of your own: the same key and job again queue nothing new.")
  var key: String?

  func validate() throws {
    if region != nil && bbox != nil {
      throw ValidationError("Give --region or --bbox, not both.")
    }
    if bboxCrs == .scene && bbox == nil {
      throw ValidationError("--bbox-crs says what --bbox is given in; add --bbox.")
    }
    if let threshold, !(0...1).contains(threshold) {
      throw ValidationError("--threshold is a probability from 0 to 1, not \(threshold).")
    }
    if GridOrigin(gridOrigin) == nil {
      throw ValidationError("--grid-origin is crs, scene or X,Y, not \"\(gridOrigin)\".")
    }
    if !JobRequest.priorities.contains(priority) {
      throw ValidationError("--priority is from -100 to 100, not \(priority).")
    }
  }

  /// The key under which the job is queued once.
  var idempotencyKey: String { key ?? UUID().text }

  /// The request; a region is read and checked here, so that a mistake is named by file, line and
  /// column.
  func request(dryRun: Bool = false) throws -> JobRequest {
    let edges = try bbox.map(Self.edges)
    return JobRequest(
      scene: scene,
      region: try regionOfInterest(edges).map { RegionDocument($0) },
      bounds: bboxCrs == .scene ? edges : nil, model: model, vendor: vendor, budget: budget,
      cap: try cap.map { try Money(parsing: $0) },
      approveOver: try approveOver.map { try Money(parsing: $0) }, keepThreshold: threshold,
      gridOrigin: GridOrigin(gridOrigin) ?? .crs, gridCRS: crs, bands: imagery.bandNumbers,
      stretch: imagery.stretch,
      priority: priority, dryRun: dryRun, tag: tag)
  }

  private func regionOfInterest(_ edges: ProjectedRectangle?) throws -> Region? {
    if let edges {
      guard bboxCrs == .degrees else { return nil }
      return try Region(west: edges.west, south: edges.south, east: edges.east, north: edges.north)
    }
    guard let region else { return nil }
    do {
      return try RegionFile(path: region).region()
    } catch let error as RegionError {
      throw CommandFailure("\(region):\(error)", .badData)
    }
  }

  private static func edges(_ text: String) throws -> ProjectedRectangle {
    let edges = text.split(separator: ",", omittingEmptySubsequences: false).map {
      Double($0.trimmingCharacters(in: .whitespaces))
    }
    guard edges.count == 4, let west = edges[0], let south = edges[1], let east = edges[2],
      let north = edges[3], [west, south, east, north].allSatisfy(\.isFinite)
    else {
      throw CommandFailure(
        "--bbox \"\(text)\": not four numbers. Give WEST,SOUTH,EAST,NORTH.", .badData)
    }
    return ProjectedRectangle(west: west, south: south, east: east, north: north)
  }
}
