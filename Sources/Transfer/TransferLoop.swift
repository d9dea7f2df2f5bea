// SPDX-License-Identifier: Apache-2.0

internal import CCurl
internal import Foundation
internal import Synchronization

/// The one thread on which libcurl runs, and the way to it.
final class TransferLoop: Sendable {
  /// The most connections at one time; more requests wait.
  static let mostConnections = 32

  private struct Inbox {
    var nextID: UInt64 = 0
    var isStopped = false
    var jobs: [Job] = []
    var cancelled: Set<UInt64> = []
    /// The jobs that were announced and have not ended.
    var live: Set<UInt64> = []
  }

  private let inbox = Mutex(Inbox())
  // Only the loop's thread uses it, but for curl_multi_wakeup, which libcurl allows from any
  // thread; it is freed when thread and callers have let go of the loop.
  nonisolated(unsafe) private let multi: UnsafeMutableRawPointer

  // libcurl wants this once, before any thread uses it; a static is made once.
  private static let isInitialised = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

  init() {
    guard Self.isInitialised, let multi = curl_multi_init() else {
      preconditionFailure("libcurl starts when there is memory")
    }
    self.multi = multi
    _ = fovea_curl_multi_setopt_long(
      multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, Self.mostConnections)
    // By itself libcurl keeps four connections for each exchange under way, so that most are closed
    // when a burst ends and opened again for the next.
    _ = fovea_curl_multi_setopt_long(multi, CURLMOPT_MAXCONNECTS, Self.mostConnections)
    let thread = Thread { self.run() }
    thread.name = "transfer"
    thread.start()
  }

  deinit { curl_multi_cleanup(multi) }

  /// Announces a job, so that it can be cancelled from now on.
  func announce() -> UInt64 {
    inbox.withLock { inbox in
      inbox.nextID += 1
      inbox.live.insert(inbox.nextID)
      return inbox.nextID
    }
  }

  /// Starts an announced job.
  func start(_ job: Job) {
    let isStopped = inbox.withLock { inbox in
      if !inbox.isStopped { inbox.jobs.append(job) }
      return inbox.isStopped
    }
    if isStopped {
      job.completion(.failure(.cancelled(nothingWasSent: true)))
    } else {
      curl_multi_wakeup(multi)
    }
  }

  /// Ends a job; its completion gets `TransferError.cancelled` unless it has ended already.
  func cancel(_ id: UInt64) {
    inbox.withLock { inbox in
      if inbox.live.contains(id) { inbox.cancelled.insert(id) }
    }
    curl_multi_wakeup(multi)
  }

  /// Ends all jobs and the thread.
  func stop() {
    inbox.withLock { $0.isStopped = true }
    curl_multi_wakeup(multi)
  }

  private func run() {
    Self.blockBrokenPipeSignal()
    var exchanges: [UnsafeMutableRawPointer: Exchange] = [:]
    while true {
      let (jobs, cancelled, isStopped) = inbox.withLock { inbox in
        defer { inbox.jobs = [] }
        return (inbox.jobs, inbox.cancelled, inbox.isStopped)
      }
      for job in jobs { begin(job, &exchanges) }
      for exchange in exchanges.values where isStopped || cancelled.contains(exchange.job.id) {
        end(exchange, .failure(exchange.cancelled), &exchanges)
      }
      if isStopped { return }
      var runningCount: Int32 = 0
      curl_multi_perform(multi, &runningCount)
      collect(&exchanges)
      let now = ContinuousClock.now
      for exchange in exchanges.values where exchange.deadline.map({ $0 <= now }) ?? false {
        end(exchange, .failure(exchange.overdue), &exchanges)
      }
      // libcurl shortens the wait to its own next deadline.
      let wait = exchanges.values.compactMap(\.deadline).min().map { $0 - now } ?? .seconds(60)
      curl_multi_poll(
        multi, nil, 0, Int32(max(1, min(60_000, (wait / .milliseconds(1)).rounded(.up)))), nil)
    }
  }

  // With CURLOPT_NOSIGNAL libcurl leaves SIGPIPE alone, and OpenSSL writes to sockets that the other
  // side has closed; the signal goes to the thread that wrote, and would end the process.
  private static func blockBrokenPipeSignal() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }

  private func begin(_ job: Job, _ exchanges: inout [UnsafeMutableRawPointer: Exchange]) {
    do throws(TransferError) {
      let exchange = try Exchange(job)
      exchanges[exchange.handle] = exchange
      curl_multi_add_handle(multi, exchange.handle)
    } catch {
      finish(job, .failure(error))
    }
  }

  private func collect(_ exchanges: inout [UnsafeMutableRawPointer: Exchange]) {
    var leftCount: Int32 = 0
    while let message = curl_multi_info_read(multi, &leftCount) {
      // The message is libcurl's, and gone once the handle is removed.
      let (kind, handle) = (message.pointee.msg, message.pointee.easy_handle)
      let code = message.pointee.data.result
      guard kind == CURLMSG_DONE, let handle, let exchange = exchanges[handle] else { continue }
      end(exchange, exchange.result(code), &exchanges)
    }
  }

  private func end(
    _ exchange: Exchange, _ result: Result<HTTPResponse, TransferError>,
    _ exchanges: inout [UnsafeMutableRawPointer: Exchange]
  ) {
    curl_multi_remove_handle(multi, exchange.handle)
    exchanges[exchange.handle] = nil
    finish(exchange.job, result)
  }

  private func finish(_ job: Job, _ result: Result<HTTPResponse, TransferError>) {
    inbox.withLock { inbox in
      inbox.live.remove(job.id)
      inbox.cancelled.remove(job.id)
    }
    job.completion(result)
  }
}
