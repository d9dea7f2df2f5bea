// SPDX-License-Identifier: Apache-2.0

import Client
import Foundation
import Logging
import Service
import Synchronization
import TestSupport
import Testing
import Transfer
import Wire

/// A daemon in this process, on a folder and a socket of its own, spoken to through the client.
final class RunningDaemon: Sendable {
  let client: DaemonClient
  private let task: Task<Void, any Error>
  private let known = Mutex<APIDescription?>(nil)

  /// Starts a daemon on `folder`, and waits until it serves.
  ///
  /// - Parameters:
  ///   - file: the configuration file, which is read again at SIGHUP.
  ///   - log: takes the lines of its log.
  init(
    _ folder: TemporaryFolder, configuration file: URL? = nil, steps: JobSteps? = nil,
    environment: [String: String] = [:], credentials: URL? = nil,
    log: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws {
    let read: @Sendable () throws -> Configuration = {
      try Configuration.load(
        file: file, environment: ["FOVEA_STATE": folder.url.path],
        overrides: .init(credentials: credentials?.path))
    }
    let configuration = try read()
    let threshold = LogThreshold(configuration.logLevel)
    let logger = Logger(label: "test") { _ in
      LineLogHandler(threshold: threshold, isJournal: false, write: log)
    }
    let daemon = Daemon(
      configuration, logger: logger, threshold: threshold, environment: environment,
      rereading: read, replacingSteps: steps)
    client = try DaemonClient(socketPath: configuration.socketPath)
    task = Task { try await daemon.run() }
    let isReady = await Samples.eventually { [client] in
      // Not there yet is what is waited out.
      (try? await client.isReady()) != nil
    }
    try #require(isReady, "the daemon does not serve")
  }

  /// Stops the daemon and waits for its end.
  func stop() async throws {
    task.cancel()
    // Cancellation is how a test stops it; anything else is a failure.
    do { try await task.value } catch is CancellationError {}
  }

  /// An answer as it came.
  struct Answer: Sendable {
    let status: Int
    let fields: HTTPFields
    let body: Data
    /// The body as a problem document, where it says that it is one.
    let problem: ProblemDocument?
  }

  /// The API as this daemon describes it: every answer to an untyped request is held against it.
  func description() async throws -> APIDescription {
    if let known = known.withLock({ $0 }) { return known }
    let response = try await HTTPClient().send(
      HTTPRequest(.get, "/v1/openapi.json", to: Endpoint(unixSocket: client.address)))
    let description = try APIDescription(response.body)
    known.withLock { $0 = description }
    return description
  }

  /// Sends a text as it is, past the typed calls, with a key of its own where none is given.
  func send(
    _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil,
    fields: [String: String] = ["Content-Type": "application/json"]
  ) async throws -> Answer {
    var fields = fields
    if method == .post, fields["Idempotency-Key"] == nil {
      fields["Idempotency-Key"] = UUID().uuidString
    }
    return try await exchange(method, path, body.map { Data($0.utf8) }, fields: fields)
  }

  /// Sends bytes with these header fields and no other.
  func exchange(
    _ method: HTTPRequest.Method, _ path: String, _ body: Data?, fields: [String: String],
    to endpoint: Endpoint? = nil
  ) async throws -> Answer {
    var request = HTTPRequest(
      method, path, to: try endpoint ?? Endpoint(unixSocket: client.address),
      body: body.map(HTTPRequest.Body.data) ?? .none)
    for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
      request.fields.append(name, value)
    }
    let response = try await HTTPClient().send(request)
    let found = try await description().problems(
      method.rawValue, path, status: response.status,
      mediaType: response.fields["Content-Type"] ?? "", body: response.body)
    #expect(found.isEmpty, "an answer that the API does not describe")
    let isProblem = response.fields["Content-Type"] == ProblemDocument.mediaType
    return Answer(
      status: response.status, fields: response.fields, body: response.body,
      problem: isProblem
        ? try JSONDecoder().decode(ProblemDocument.self, from: response.body) : nil)
  }
}

/// The lines of a log.
final class LogLines: Sendable {
  private let lines = Mutex<[String]>([])
  @Sendable func add(_ line: String) { lines.withLock { $0.append(line) } }
  var all: [String] { lines.withLock { $0 } }
}

/// Steps that only leave the files which say that they are done.
enum QuickSteps {
  static func steps(
    price: Int64 = 0, survey: @escaping @Sendable (JobWork) async throws -> Void = { _ in },
    buy: @escaping @Sendable () async throws -> Void = {}
  ) -> JobSteps {
    @Sendable func finish(_ result: JobResult, _ work: JobWork) throws {
      try Data("{}".utf8).write(to: work.file(result))
    }
    return JobSteps(
      admit: { $0 },
      survey: { work in
        try await survey(work)
        try finish(.survey, work)
      },
      choose: { work in
        try finish(.plan, work)
        return try Samples.plan(price)
      }, planned: { _ in try Samples.plan(price) },
      buy: { _, accepted in
        try await buy()
        await accepted()
        return .bought
      },
      abandon: { _ in }, classify: { try finish(.results, $0) },
      report: { try finish(.report, $0) }, money: { _ in nil })
  }
}
