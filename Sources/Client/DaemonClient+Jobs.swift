// SPDX-License-Identifier: Apache-2.0

public import Foundation
import Platform
import Transfer
public import Wire

extension DaemonClient {
  /// All jobs, newest first.
  public func jobs() async throws(ClientError) -> [JobRecord] { try await list("/v1/jobs") }

  /// One job.
  public func job(_ id: String) async throws(ClientError) -> JobRecord {
    try await get(path(id))
  }

  /// Queues a job; the same key and request again give the same job.
  public func submit(
    _ request: JobRequest, key: String = UUID().text
  ) async throws(ClientError) -> JobRecord {
    try await post("/v1/jobs", request, key: key)
  }

  /// Ends a job; what was paid stays.
  public func cancel(_ id: String) async throws(ClientError) -> JobRecord {
    try await post("\(path(id))/cancel", NoContent())
  }

  /// Takes a parked job up again.
  public func retry(_ id: String) async throws(ClientError) -> JobRecord {
    try await post("\(path(id))/retry", NoContent())
  }

  /// The report as it is stored, JSON.
  public func report(_ id: String) async throws(ClientError) -> Data {
    try await bytes("\(path(id))/report")
  }

  /// The plan as it is stored, JSON.
  public func plan(_ id: String) async throws(ClientError) -> Data {
    try await bytes("\(path(id))/plan")
  }

  /// The files of a job that has ended.
  public func outputs(_ id: String) async throws(ClientError) -> [OutputRecord] {
    try await list("\(path(id))/outputs")
  }

  /// Fetches one file of a job; it is whole, with the announced SHA-256, or an error.
  public func output(_ output: OutputRecord, of id: String) async throws(ClientError) -> Data {
    let path = "\(path(id))/outputs/\(Self.encoded(output.name))"
    let data = try await bytes(path)
    guard Digest.sha256(data) == output.sha256 else {
      throw .malformedAnswer(path: path, reason: "the SHA-256 differs from the list's")
    }
    return data
  }

  /// What happens to a job from event `last` on, until it ends or waits for a person; an
  /// interrupted stream is taken up where it was.
  ///
  /// - Parameter handle: called for each event, in order.
  public func events(
    of id: String, after last: Int64 = 0, handle: (JobEvent) -> Void
  ) async throws {
    var last = last
    var failureCount = 0
    while true {
      do {
        let isOver = try await stream(id, &last, handle)
        if isOver { return }
        failureCount = 0
      } catch let error as TransferError {
        // The daemon may be restarting: its jobs go on, and so does this.
        failureCount += 1
        guard failureCount < 20, error.isTransient else { throw failure(error) }
      }
      try await Task.sleep(for: .milliseconds(500))
    }
  }

  /// One connection; whether the job needs no more watching.
  private func stream(
    _ id: String, _ last: inout Int64, _ handle: (JobEvent) -> Void
  ) async throws -> Bool {
    let path = "\(path(id))/events"
    let answer = try await http.lines(
      HTTPRequest(
        .get, path, to: endpoint,
        fields: ["Accept": "text/event-stream", "Last-Event-ID": "\(last)"], limits: .stream))
    guard answer.response.isSuccess else { throw problem(answer.response, path) }
    for try await line in answer.lines where line.hasPrefix("data:") {
      let event: JobEvent
      do {
        event = try JSON.decoder().decode(JobEvent.self, from: Data(line.dropFirst(5).utf8))
      } catch {
        throw ClientError.malformedAnswer(path: path, reason: "\(error)")
      }
      last = max(last, event.id ?? last)
      handle(event)
      if event.kind == .state, event.state.isFinal || event.state == .parked { return true }
    }
    // The stream ended without an end of the job: a restart, or an end that was seen before.
    let state = try await job(id).state
    return state.isFinal || state == .parked
  }

  private func path(_ id: String) -> String { "/v1/jobs/\(Self.encoded(id))" }
}

/// The body of a request that says all in its path.
private struct NoContent: Encodable {}
