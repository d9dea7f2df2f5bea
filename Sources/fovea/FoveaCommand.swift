// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The program: the daemon's client, and the workshop where models are made and scored.
@main
struct FoveaCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fovea",
    abstract: "Spend an imagery budget well.",
    discussion: """
      The daemon, fovead, is found by --socket, --state or --url, then by FOVEA_SOCKET or \
      FOVEA_URL, else at its usual place. A URL needs a token, in FOVEA_TOKEN or --token-file.
      Exit codes: 0 done, 64 usage, 65 bad data or refused, 66 no such file, 69 no daemon, \
      74 reading or writing failed, 75 not now (over the limit, parked, waiting for approval, \
      locked), 77 not allowed.
      """,
    groupedSubcommands: [
      CommandGroup(
        name: "Jobs",
        subcommands: [
          PlanCommand.self, SubmitCommand.self, WatchCommand.self, JobsCommand.self,
          JobCommand.self, ReportCommand.self,
        ]),
      CommandGroup(
        name: "What jobs need",
        subcommands: [
          SceneCommand.self, BudgetCommand.self, VendorsCommand.self, ModelsCommand.self,
          PatchesCommand.self,
        ]),
      CommandGroup(
        name: "Money",
        subcommands: [OrderCommand.self, LedgerCommand.self, ReconcileCommand.self]),
      CommandGroup(
        name: "Files, without the daemon", subcommands: [InspectCommand.self, RegionCommand.self]),
      CommandGroup(
        name: "Workshop, without the daemon",
        subcommands: [
          TrainCommand.self, EvaluateCommand.self, ModelCommand.self, PredictCommand.self,
        ]),
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
