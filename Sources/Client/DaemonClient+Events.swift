// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Platform
import Transfer
public import Wire

extension DaemonClient {
  /// How often a broken stream is opened again before a watcher gives up.
  private static let largestReconnectCount = 30

  /// Hands over what happens to a job, from its first event until it has ended.
  ///
  /// A daemon that restarts meanwhile is waited for, for half a minute; nothing that is kept is
  /// told twice or left out.
  ///
  /// - Parameter onEvent: returns whether to go on watching.
  public func watch(
    job: String, onEvent: (JobEvent) async -> Bool
  ) async throws(ClientError) {
    var last: Int64 = 0
    var reconnectCount = 0
    while true {
      do throws(ClientError) {
        guard try await follow(job, after: &last, &reconnectCount, onEvent) else { return }
        // The stream of a daemon that stops ends early but in order.
        if try await self.job(job).state.isFinal { return }
        throw ClientError.interrupted(address: address, reason: "the daemon has stopped")
      } catch {
        switch error {
        case .unreachable where reconnectCount == 0 && last == 0: throw error
        case .unreachable, .interrupted:
          guard reconnectCount < Self.largestReconnectCount else { throw error }
        case .refused(let problem) where problem.status == 503:
          guard reconnectCount < Self.largestReconnectCount else { throw error }
        default: throw error
        }
      }
      reconnectCount += 1
      do {
        try await Task.sleep(for: .seconds(1))
      } catch {
        throw .cancelled
      }
    }
  }

  /// Reads one stream to its end; false when `onEvent` has had enough.
  private func follow(
    _ job: String, after last: inout Int64, _ reconnectCount: inout Int,
    _ onEvent: (JobEvent) async -> Bool
  ) async throws(ClientError) -> Bool {
    let path = "\(Self.path(ofJob: job))/events"
    let stream = try await lines(
      path, fields: ["Accept": "text/event-stream", "Last-Event-ID": "\(last)"])
    do {
      for try await line in stream.lines where line.hasPrefix("data:") {
        let event = try JSON.decoder().decode(
          JobEvent.self, from: Data(line.dropFirst("data:".count).utf8))
        reconnectCount = 0
        last = event.id ?? last
        guard await onEvent(event) else { return false }
      }
      return true
    } catch let error as TransferError {
      throw ClientError(error, address: address)
    } catch is CancellationError {
      throw .cancelled
    } catch {
      throw .malformedAnswer(path: path, reason: "\(error)")
    }
  }
}
