// SPDX-License-Identifier: Apache-2.0

import Acquisition
import ArgumentParser
import Client
import Foundation
import Platform
import Wire

struct JobCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "job", abstract: "One job: show, watch, plan, approve, cancel, retry.",
    subcommands: [
      Show.self, WatchCommand.self, Plan.self, Approve.self, Cancel.self, Retry.self,
    ], defaultSubcommand: Show.self)

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show a job: its plan, its money, how long its steps took.")
    @Argument(help: "Its id.") var id: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try JobDetails.show(await connection.connect().job(id), as: output)
    }
  }

  struct Plan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show a job's plan; as JSON with every chip and order.")
    @Argument(help: "The job's id.") var id: String
    @Option(help: "A file for the plan as a map.", completion: .file(extensions: ["geojson"]))
    var geojson: String?
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let daemon = try connection.connect()
      let document = try await daemon.plan(id)
      if let geojson {
        try DurableFile.write(try await daemon.planMap(id), to: URL(filePath: geojson))
      }
      if output.json { return try Printing.raw(document) }
      guard let plan = try await daemon.job(id).plan else { return }
      for row in JobDetails.rows(of: plan) { print(row) }
      print(JobDetails.row("sha256", plan.sha256))
    }
  }

  struct Approve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let a job that waits for it buy its plan.",
      discussion: """
        With --price or --plan a plan that is another one by now is refused.
        Exit codes: 0 approved, 65 refused, 69 no daemon.
        """)
    @Argument(help: "Its id.") var id: String
    @Option(help: "The price that you saw, as in \"31.20 EUR\".") var price: String?
    @Option(help: "The SHA-256 of the plan that you saw (fovea job plan).") var plan: String?
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let seen = ApprovalRequest(plan: plan, price: try price.map { try Money(parsing: $0) })
      try JobDetails.show(await connection.connect().approve(id, seen), as: output)
    }
  }

  struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "End a job; what was paid stays, what was not sent is not bought.")
    @Argument(help: "Its id.") var id: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try JobDetails.show(await connection.connect().cancel(id), as: output)
    }
  }

  struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Take a parked job up again.")
    @Argument(help: "Its id.") var id: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try JobDetails.show(await connection.connect().retry(id), as: output)
    }
  }
}
