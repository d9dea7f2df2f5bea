// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import Foundation
import Platform
import Reports
import Wire

struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Say what a job found and cost; fetch its files.")
  @Argument(help: "The job's id.") var id: String
  @Option(
    help: "A folder for the job's files: map, mosaic, plan and report.", completion: .directory)
  var output: String?
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var form: OutputOptions

  func run() async throws {
    let daemon = try connection.connect()
    let data = try await daemon.report(id)
    if form.json {
      try Printing.raw(data)
    } else {
      let report = try JSON.decoder().decode(JobReport.self, from: data)
      print(ReportSummary.text(report))
    }
    guard let output else { return }
    let folder = URL(filePath: output, directoryHint: .isDirectory)
    try DurableFile.createFolder(folder)
    for file in try await daemon.outputs(id) {
      // The names are the daemon's; one that is no plain name would lead out of the folder.
      guard !file.name.contains("/"), !file.name.hasPrefix(".") else { continue }
      try await daemon.download(file, of: id, to: folder)
    }
    if !form.json { print("files: \(folder.path)") }
  }
}
