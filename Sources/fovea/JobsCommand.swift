// SPDX-License-Identifier: Apache-2.0

import Acquisition
import ArgumentParser
import Client
import Wire

struct JobsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jobs", abstract: "List jobs, the newest first.")
  @Option(
    help: ArgumentHelp(
      "Only jobs in this state; may be given several times.",
      discussion: JobState.allCases.map(\.rawValue).joined(separator: ", ")))
  var only: [String] = []
  @Option(help: "Only jobs with this tag.") var tag: String?
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    for name in only where JobState(rawValue: name) == nil {
      let known = JobState.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--only is one of \(known), not \"\(name)\".")
    }
  }

  func run() async throws {
    let jobs = try await connection.connect()
      .jobs(states: only.compactMap { JobState(rawValue: $0) }, tag: tag)
    if output.json { return try Printing.json(ItemList(items: jobs, next: nil)) }
    Printing.table(
      ["job", "state", "prio", "created", "model", "budget", "price", "spent", "tag"],
      jobs.map { job in
        [
          job.id, job.state.rawValue + (job.request.dryRun ? " (dry run)" : ""),
          "\(job.request.priority)", Printing.time(job.createdAt), job.request.model,
          job.request.budget, job.plan?.price.description ?? "",
          job.money?.spent.description ?? "", job.request.tag ?? "",
        ]
      })
  }
}
