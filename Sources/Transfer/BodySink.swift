// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Where the body of an answer goes; used on the transfer thread only.
protocol BodySink {
  /// Takes the next bytes.
  mutating func write(_ bytes: UnsafeRawBufferPointer) throws(TransferError)
  /// The end of a complete body.
  mutating func finish() throws(TransferError)
  /// The bytes that were kept in memory.
  var collected: Data { get }
}

/// Keeps the body in memory, up to a limit that is counted, whatever the head announced.
struct MemorySink: BodySink {
  let url: String
  let limitBytes: Int64
  var collected = Data()

  mutating func write(_ bytes: UnsafeRawBufferPointer) throws(TransferError) {
    guard Int64(collected.count) + Int64(bytes.count) <= limitBytes else {
      throw .answerTooLarge(url: url, limitBytes: limitBytes)
    }
    collected.append(contentsOf: bytes)
  }

  mutating func finish() {}
}

/// Writes the body into an open file from a given offset on; never beyond the announced length.
struct FileSink: BodySink {
  let url: String
  let file: OpenFile
  let limitBytes: Int64
  var offset: Int64
  let progress: @Sendable (Int64) -> Void
  var collected: Data { Data() }

  mutating func write(_ bytes: UnsafeRawBufferPointer) throws(TransferError) {
    guard offset + Int64(bytes.count) <= limitBytes else {
      throw .mismatch(url: url, reason: "it is longer than the announced \(limitBytes) bytes")
    }
    var rest = bytes
    while !rest.isEmpty {
      let count = pwrite(file.descriptor, rest.baseAddress, rest.count, off_t(offset))
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        throw .file(
          reason: "could not write the download of \(url): \(String(cString: strerror(errno))). "
            + "Check the space left.")
      }
      offset += Int64(count)
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
    progress(offset)
  }

  mutating func finish() {}
}

/// Cuts the body into lines and hands them to a stream.
struct LineSink: BodySink {
  /// The longest line, in bytes.
  static let longestLineBytes = 1 << 20

  let url: String
  let lines: AsyncThrowingStream<String, any Error>.Continuation
  private var line: [UInt8] = []
  var collected: Data { Data() }

  init(url: String, lines: AsyncThrowingStream<String, any Error>.Continuation) {
    self.url = url
    self.lines = lines
  }

  mutating func write(_ bytes: UnsafeRawBufferPointer) throws(TransferError) {
    for byte in bytes {
      if byte == UInt8(ascii: "\n") {
        try yield()
      } else {
        guard line.count < Self.longestLineBytes else {
          throw .answerTooLarge(url: url, limitBytes: Int64(Self.longestLineBytes))
        }
        line.append(byte)
      }
    }
  }

  mutating func finish() throws(TransferError) { if !line.isEmpty { try yield() } }

  private mutating func yield() throws(TransferError) {
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    let text = String(decoding: line, as: UTF8.self)
    line.removeAll(keepingCapacity: true)
    switch lines.yield(text) {
    case .dropped: throw .readerTooSlow(url: url, limitLines: HTTPClient.longestLineBacklog)
    case .terminated: throw .cancelled(nothingWasSent: false)
    default: break
    }
  }
}
