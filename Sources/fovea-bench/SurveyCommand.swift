// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import PatchDrop
import Platform
import Raster

struct SurveyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "survey",
    abstract: "Whole surveys, stage by stage, beside rasterio and ONNX Runtime.",
    discussion: """
      Each scene is an LR and an HR GeoTIFF of the same ground, 8 HR pixels along an LR one. Both \
      sides choose patches by the same policy and classify every chip of which one was chosen.
      """)

  @OptionGroup var peerOptions: PeerOptions
  @Option(help: "An LR scene; may be given again.")
  var lr: [String]
  @Option(help: "The HR scene of the same ground; as often as --lr.")
  var hr: [String]
  @Option(help: "A folder that peer_networks.py --export wrote; made anew where not given.")
  var exports: String?
  @Option(help: "The model that all but networks and weights is taken of.")
  var model = "eurosat-s2-10m"
  @Option(help: "How often each side is measured; medians are printed.")
  var rounds = 5
  @Option(help: "A file for all measurements as JSON; - prints them instead of the tables.")
  var json: String?

  func validate() throws {
    guard rounds > 0 else { throw ValidationError("--rounds must be above 0.") }
    guard lr.count == hr.count else {
      throw ValidationError("Give --lr and --hr equally often, in the same order.")
    }
  }

  func run() throws {
    let folder = try TemporaryFolder()
    let peers = peerOptions.find(
      modules: ["torch", "onnx", "onnxruntime", "rasterio"], folder: folder.url)
    let exports = try exportFolder(peers, in: folder.url)
    let weights = try SurveyBundle(exports: exports)
    var races: [SurveyRace] = []
    for (index, (low, high)) in zip(lr, hr).enumerated() {
      let bundle = folder.url.appending(path: "\(index).safetensors")
      try weights.write(
        to: bundle, like: ModelLocator.standard([]).url(model),
        groundSampleDistanceMetres: try Dataset(trusted: URL(filePath: high)).layout.transform
          .pixelSize)
      var race = SurveyRace(low: low, high: high, bundle: bundle)
      for round in 1...rounds {
        try race.measure(peers: exports == nil ? nil : peers, exports: exports) {
          Progress.line("\(low), round \(round) of \(rounds): \($0)")
        }
      }
      races.append(race)
    }
    let document = try JSON.encoder(pretty: true).encode(races.map(\.document)) + Data("\n".utf8)
    if json == "-" {
      try FileHandle.standardOutput.write(contentsOf: document)
    } else {
      print(races.map(\.text).joined(separator: "\n\n"))
      if let json { try document.write(to: URL(filePath: json), options: .atomic) }
    }
  }

  /// The folder of the exported networks; nil where there are no peers to make them.
  private func exportFolder(_ peers: PeerScript?, in folder: URL) throws -> URL? {
    if let exports { return URL(filePath: exports) }
    guard let peers else { return nil }
    Progress.line("exporting the networks")
    _ = try peers.child(
      [
        "--export", folder.path, "--images", "1", "--net", SurveyBundle.policy, "--net",
        SurveyBundle.classifier,
      ], threads: 1
    ).output()
    return folder
  }
}
