// SPDX-License-Identifier: Apache-2.0

import Acquisition
import ArgumentParser
import Client
import Foundation
import Platform
import Wire

struct WatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Show a job's progress until it ends.",
    discussion: "Exit codes: 0 done, 65 failed or cancelled, 69 no daemon, 75 parked.")
  @Argument(help: "The job's id.") var id: String
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    try await Watching.watch(id, connection.connect(), output)
  }
}

/// Shows a job until it ends; the command ends as the job does.
enum Watching {
  static func watch(_ id: String, _ daemon: DaemonClient, _ output: OutputOptions) async throws {
    if output.json {
      try await daemon.watch(job: id) { event in
        // An event that was decoded can be encoded.
        try? Printing.json(event)
        return await !isEnd(event, daemon)
      }
    } else {
      var display = ProgressDisplay(isTerminal: isatty(STDERR_FILENO) == 1)
      try await daemon.watch(job: id) { event in
        display.show(event)
        return await !isEnd(event, daemon)
      }
      display.finish()
    }
    let job = try await daemon.job(id)
    switch job.state {
    case .done: return
    case .parked:
      throw CommandFailure(
        "job \(id) is parked: \(job.trouble?.description ?? "see fovea job show \(id).")", .tryLater
      )
    default:
      throw CommandFailure(
        "job \(id) is \(job.state.rawValue)" + (job.trouble.map { ": \($0)" } ?? "."), .badData)
    }
  }

  /// Whether nothing more will happen to the job by itself.
  ///
  /// A job that was parked may have been taken up again since: the event is old then.
  private static func isEnd(_ event: JobEvent, _ daemon: DaemonClient) async -> Bool {
    guard event.kind == .state else { return false }
    guard event.state == .parked else { return event.state.isFinal }
    // Where the daemon cannot be asked, the stream itself will tell.
    let job = try? await daemon.job(event.job)
    return job?.state == .parked
  }
}
