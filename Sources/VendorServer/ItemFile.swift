// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Platform

/// A delivered item on its way: whole or in part (RFC 9110, sections 13 and 14).
struct ItemFile: Sendable {
  /// How much is read and sent at one time.
  static let pieceBytes = 1 << 18

  let file: URL
  let byteCount: Int64
  let sha256: String
  let pool: ComputePool

  /// A strong validator: the same tag means the same bytes.
  private var entityTag: String { "\"\(sha256)\"" }

  /// The answer to a request.
  func response(to request: Request) throws -> Response {
    let (start, isPart) = try self.start(for: request)
    let length = byteCount - start
    var headers: HTTPFields = [
      .contentType: "image/tiff", .acceptRanges: "bytes", .eTag: entityTag,
    ]
    if isPart { headers[.contentRange] = "bytes \(start)-\(byteCount - 1)/\(byteCount)" }
    let body = ResponseBody(contentLength: Int(length)) { writer in
      var offset = start
      while offset < byteCount {
        let count = Int(min(Int64(Self.pieceBytes), byteCount - offset))
        try await writer.write(ByteBuffer(bytes: try await read(count, at: offset)))
        offset += Int64(count)
      }
      try await writer.finish(nil)
    }
    return Response(status: isPart ? .partialContent : .ok, headers: headers, body: body)
  }

  /// Where the answer begins: the whole file for any other form of range than `bytes=N-`.
  private func start(for request: Request) throws -> (Int64, isPart: Bool) {
    guard let range = request.headers[.range],
      request.headers[.ifRange].map({ $0 == entityTag }) ?? true,
      let match = range.wholeMatch(of: /bytes=(\d{1,18})-/), let start = Int64(match.output.1)
    else { return (0, false) }
    guard start < byteCount else {
      throw Problem(
        .rangeNotSatisfiable, "Beyond the end", "The item has \(byteCount) bytes.")
    }
    return (start, true)
  }

  private func read(_ count: Int, at offset: Int64) async throws -> [UInt8] {
    try await pool.run { [file] in
      let handle = try FileHandle(forReadingFrom: file)
      defer { try? handle.close() }
      try handle.seek(toOffset: UInt64(offset))
      guard let data = try handle.read(upToCount: count), data.count == count else {
        throw CocoaError(.fileReadCorruptFile)
      }
      return Array(data)
    }
  }
}
