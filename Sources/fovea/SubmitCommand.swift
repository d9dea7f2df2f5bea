// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import Foundation
import Wire

struct SubmitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit", abstract: "Queue a job: plan, buy, classify, report.",
    discussion: """
      Exit codes: 0 queued (with --watch: done), 65 refused, failed or cancelled, 69 no daemon, \
      75 parked or waiting for approval.
      """)

  @OptionGroup var options: JobOptions
  @Flag(help: "Stay and show the job's progress.") var watch = false
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let request = try options.request()
    let daemon = try connection.connect()
    let job = try await daemon.submit(request, idempotencyKey: options.idempotencyKey)
    if output.json && !watch { return try Printing.json(job) }
    if !output.json { print("job \(job.id)") }
    // The id before the progress, also where the output is no terminal.
    fflush(nil)
    if watch { try await Watching.watch(job.id, daemon, output) }
  }
}
