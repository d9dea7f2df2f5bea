// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The program: the daemon's client, and the workshop where models are made and scored.
@main
struct FoveaCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fovea",
    abstract: "Spend an imagery budget well.",
    groupedSubcommands: [
      CommandGroup(
        name: "Jobs",
        subcommands: [
          SubmitCommand.self, WatchCommand.self, JobsCommand.self, JobCommand.self,
          ReportCommand.self,
        ]),
      CommandGroup(
        name: "What jobs need",
        subcommands: [
          SceneCommand.self, BudgetCommand.self, LedgerCommand.self, VendorsCommand.self,
          ModelsCommand.self,
        ]),
      CommandGroup(
        name: "Workshop, without the daemon",
        subcommands: [TrainCommand.self, EvaluateCommand.self]),
    ])

  static func main() async {
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      FailureReport.end(error)
    }
  }
}
