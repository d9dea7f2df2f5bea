// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Platform
import ServiceLifecycle
import Wire

/// The events of one job as server-sent events (WHATWG HTML, section 9.2).
///
/// A stream begins after `Last-Event-ID`, so that a client which was cut off misses nothing that is
/// kept. It ends when the job has, and when the daemon stops.
struct EventStream: Sendable {
  /// How long a stream is silent at most: a comment then shows both sides that the other lives.
  private static let heartbeat = Duration.seconds(15)

  private enum Signal: Sendable {
    case event(JobEvent)
    case beat
  }

  let store: JobStore
  let hub: EventHub
  let job: String

  func response(after lastEvent: Int64) -> Response {
    Response(
      status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
      body: ResponseBody { writer in
        try await send(after: lastEvent, to: &writer)
        try await writer.finish(nil)
      })
  }

  private func send(after lastEvent: Int64, to writer: inout any ResponseBodyWriter) async throws {
    // Watch first, then read what is kept: nothing can fall between the two.
    let live = hub.events(of: job)
    var last = lastEvent
    guard try await sendKept(after: &last, to: &writer) else { return }
    let (signals, continuation) = AsyncStream<Signal>.makeStream(
      bufferingPolicy: .bufferingNewest(16))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for await event in live { continuation.yield(.event(event)) }
      }
      group.addTask {
        while !Task.isCancelled {
          try await Task.sleep(for: Self.heartbeat)
          continuation.yield(.beat)
        }
      }
      for await signal in signals.cancelOnGracefulShutdown() {
        switch signal {
        case .beat: try await writer.write(ByteBuffer(string: ":\n\n"))
        case .event(let event) where event.kind == .progress:
          try await writer.write(Self.buffer(event))
        case .event:
          guard try await sendKept(after: &last, to: &writer) else {
            group.cancelAll()
            return
          }
        }
      }
      group.cancelAll()
    }
  }

  /// Sends the kept events after `last`; false when the job has ended.
  private func sendKept(
    after last: inout Int64, to writer: inout any ResponseBodyWriter
  ) async throws -> Bool {
    while true {
      // Asked first: a job that has ended by now has its last event among those read next.
      let hasEnded = try await store.job(job).state.isFinal
      let events = try await store.events(of: job, after: last)
      for event in events {
        try await writer.write(Self.buffer(event))
        last = event.id ?? last
      }
      // A client that resumes after the last event of an ended job gets an end, not silence.
      if events.isEmpty { return !hasEnded }
    }
  }

  private static func buffer(_ event: JobEvent) throws -> ByteBuffer {
    let data = String(decoding: try JSON.encoder().encode(event), as: UTF8.self)
    let id = event.id.map { "id: \($0)\n" } ?? ""
    return ByteBuffer(string: "\(id)event: \(event.kind.rawValue)\ndata: \(data)\n\n")
  }
}
