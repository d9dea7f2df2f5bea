// SPDX-License-Identifier: Apache-2.0

import Acquisition
import ArgumentParser
import Client
import Foundation
import Platform
import Wire

struct WatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Show a job's progress until it ends or waits for a person.",
    discussion: """
      A daemon that restarts is waited for, and nothing is told twice.
      Exit codes: 0 done, 65 failed or cancelled, 69 no daemon, 75 parked or waiting for approval.
      """)
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
    guard output.json else { return try await watch(id, daemon, quietly: false) }
    try await daemon.watch(job: id) { event in
      // An event that was decoded can be encoded.
      try? Printing.json(event)
      fflush(nil)
      return await !isEnd(event, daemon)
    }
    try await end(id, daemon)
  }

  /// - Parameter quietly: only a terminal is told.
  static func watch(_ id: String, _ daemon: DaemonClient, quietly: Bool) async throws {
    let isTerminal = isatty(STDERR_FILENO) == 1
    var board = JobBoard(isTerminal: isTerminal)
    try await daemon.watch(job: id) { event in
      if isTerminal || !quietly { board.show(event) }
      return await !isEnd(event, daemon)
    }
    try await end(id, daemon)
  }

  /// Ends the command as the job has ended.
  private static func end(_ id: String, _ daemon: DaemonClient) async throws {
    let job = try await daemon.job(id)
    switch job.state {
    case .done: return
    case .parked:
      throw CommandFailure(
        "job \(id) is parked: \(job.trouble?.description ?? "see fovea job show \(id).")", .tryLater
      )
    case .awaitingApproval:
      throw CommandFailure(
        "job \(id) waits for approval of its plan"
          + (job.plan.map { " for \($0.price)" } ?? "")
          + ". Use fovea job approve \(id), or fovea job cancel \(id).", .tryLater)
    default:
      throw CommandFailure(
        "job \(id) is \(job.state.rawValue)" + (job.trouble.map { ": \($0)" } ?? "."), .badData)
    }
  }

  /// Whether nothing more will happen to the job by itself.
  ///
  /// A job that waited for a person may have gone on since: the event is old then.
  private static func isEnd(_ event: JobEvent, _ daemon: DaemonClient) async -> Bool {
    guard event.kind == .state else { return false }
    guard event.state.waitsForPerson else { return event.state.isFinal }
    // Where the daemon cannot be asked, the stream itself will tell.
    let job = try? await daemon.job(event.job)
    return job?.state == event.state
  }
}
