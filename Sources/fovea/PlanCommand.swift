// SPDX-License-Identifier: Apache-2.0

import Acquisition
import ArgumentParser
import Client
import Foundation
import Platform
import Wire

struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Dry run: what a job would buy, and for how much; it spends nothing.",
    discussion: """
      Takes what submit takes. The job is queued like any other, holds no money and ends with its \
      plan, which fovea job plan shows again.
      Exit codes: 0 planned, 65 refused, failed or cancelled, 69 no daemon, 75 parked.
      """)

  @OptionGroup var options: JobOptions
  @Option(help: "A file for the plan as a map.", completion: .file(extensions: ["geojson"]))
  var geojson: String?
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let request = try options.request(dryRun: true)
    let daemon = try connection.connect()
    let job = try await daemon.submit(request, idempotencyKey: options.idempotencyKey)
    try await Watching.watch(job.id, daemon, quietly: true)
    if let geojson {
      try DurableFile.write(try await daemon.planMap(job.id), to: URL(filePath: geojson))
    }
    let planned = try await daemon.job(job.id)
    if output.json { return try Printing.json(planned) }
    guard let plan = planned.plan else { return }
    for row in JobDetails.rows(of: plan) { print(row) }
    if let limit = planned.request.approveOver, plan.price.minorUnits > limit.minorUnits {
      print(JobDetails.row("approval", "needed: more than \(limit)"))
    }
    print(JobDetails.row("job", job.id + ", a dry run: nothing was held or bought"))
    if let geojson { print(JobDetails.row("map", geojson)) }
  }
}
