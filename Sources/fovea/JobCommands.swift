// SPDX-License-Identifier: Apache-2.0

import Acquisition
import ArgumentParser
import Client
import Foundation
import Wire

struct JobsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jobs", abstract: "List all jobs.")
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let jobs = try await connection.connect().jobs()
    if output.json { return try Printing.json(ItemList(items: jobs, next: nil)) }
    Printing.table(
      ["job", "state", "created", "model", "budget", "spent", "tag"],
      jobs.map { job in
        [
          job.id, job.state.rawValue, Printing.time(job.createdAt), job.request.model,
          job.request.budget, job.money?.spent.description ?? "", job.request.tag ?? "",
        ]
      })
  }
}

struct JobCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "job", abstract: "One job: show, cancel, retry.",
    subcommands: [Show.self, Cancel.self, Retry.self], defaultSubcommand: Show.self)

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show a job.")
    @Argument(help: "Its id.") var id: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try JobCommand.show(await connection.connect().job(id), as: output)
    }
  }

  struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "End a job; what was paid stays, what was not sent is not bought.")
    @Argument(help: "Its id.") var id: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try JobCommand.show(await connection.connect().cancel(id), as: output)
    }
  }

  struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Take a parked job up again.")
    @Argument(help: "Its id.") var id: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try JobCommand.show(await connection.connect().retry(id), as: output)
    }
  }

  private static func show(_ job: JobRecord, as output: OutputOptions) throws {
    if output.json { return try Printing.json(job) }
    var rows = [
      ["job", job.id], ["state", job.state.rawValue], ["created", Printing.time(job.createdAt)],
      ["scene", job.request.scene], ["model", job.request.model],
      ["vendor", job.request.vendor], ["budget", job.request.budget],
      ["grid origin", job.request.gridOrigin.description],
    ]
    if let cap = job.request.cap { rows.append(["cap", cap.description]) }
    if let tag = job.request.tag { rows.append(["tag", tag]) }
    if let progress = job.progress {
      rows.append(["progress", "\(progress.stage) \(progress.completed) of \(progress.total)"])
    }
    if let money = job.money {
      rows.append(["held", money.held.description])
      rows.append(["spent", money.spent.description])
    }
    if let trouble = job.trouble { rows.append(["why", trouble.description]) }
    for row in rows { print(row[0].padding(toLength: 12, withPad: " ", startingAt: 0) + row[1]) }
  }
}
