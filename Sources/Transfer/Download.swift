// SPDX-License-Identifier: Apache-2.0

public import Foundation
internal import Platform

/// What a download must be, and how often it is tried.
public struct DownloadPlan: Hashable, Sendable {
  /// The length in bytes.
  public let byteCount: Int64
  /// The SHA-256, 64 hexadecimal digits in lower case.
  public let sha256: String
  /// How many exchanges there may be in all, those that continue a broken one included.
  public let mostAttempts: Int
  /// The waits between them, where the server asks for no other.
  public let backoff: Backoff
  /// What the server's `Retry-After` counts.
  public let retryAfterUnit: RetryAfter.Unit
  /// Whether the file may be text, JSON or HTML; otherwise those are pages that came in its place.
  public let mayBeText: Bool

  /// Creates a plan.
  public init(
    byteCount: Int64, sha256: String, mostAttempts: Int = 4,
    backoff: Backoff = Backoff(first: .seconds(1), longest: .seconds(30)),
    retryAfterUnit: RetryAfter.Unit = .seconds, mayBeText: Bool = false
  ) {
    precondition(mostAttempts > 0, "a download is tried at least once")
    self.byteCount = byteCount
    self.sha256 = sha256
    self.mostAttempts = mostAttempts
    self.backoff = backoff
    self.retryAfterUnit = retryAfterUnit
    self.mayBeText = mayBeText
  }
}

extension DownloadPlan {
  /// Whether a whole answer may be the file, by its own word.
  fileprivate func fits(_ head: HTTPResponse) -> Bool {
    head.fields["Content-Length"].map { Int64($0) == byteCount } ?? true
  }

  /// Whether an answer is a page where a file should be.
  fileprivate func isMissed(by head: HTTPResponse) -> Bool { !mayBeText && head.isPage }
}

extension HTTPResponse {
  /// Whether it is made for a browser or a program to read: what comes for a link that has ended.
  fileprivate var isPage: Bool {
    let type = fields["Content-Type"]?.lowercased() ?? ""
    return ["text/", "application/xml", "application/json", "application/problem+json"]
      .contains { type.hasPrefix($0) }
  }
}

extension HTTPClient {
  /// Fetches a file: afterwards `file` is complete, verified and durable, or absent.
  ///
  /// Bytes go to `file` with `.part` added. A break, in this process or an earlier one, is continued
  /// with `Range` and `If-Range` where the server gave a strong validator, else begun again. The
  /// whole file is hashed from the disk, not what came last.
  ///
  /// - Parameter progress: called with the bytes that are there, on the transfer thread.
  /// - Throws: `TransferError.mismatch` when length or SHA-256 differ, the part is then removed;
  ///   `TransferError.status` for an answer without success.
  public func download(
    _ request: HTTPRequest, to file: URL, plan: DownloadPlan,
    progress: @escaping @Sendable (Int64) -> Void = { _ in }
  ) async throws(TransferError) {
    let part = PartFile(for: file)
    var generator = SystemRandomNumberGenerator()
    for attempt in 1... {
      var wait = plan.backoff.wait(beforeRetry: attempt - 1, using: &generator)
      let isContinued = part.byteCount > 0
      do throws(TransferError) {
        if part.byteCount != plan.byteCount {
          try await fetch(request, into: part, plan: plan, progress: progress)
        }
        return try await publish(part, as: file, plan: plan, url: request.shownURL)
      } catch {
        // A continued file may be wrong because of its older half: once more, from nothing.
        var mayRetry = error.isTransient
        if case .mismatch = error { mayRetry = isContinued }
        guard mayRetry, attempt < plan.mostAttempts else { throw error }
        if case .status(_, _, _, let pause?) = error {
          // A long pause is the caller's to make, who may have other work.
          guard pause <= plan.backoff.longest else { throw error }
          wait += pause
        }
      }
      do {
        try await Task.sleep(for: wait)
      } catch {
        throw .cancelled(nothingWasSent: false)
      }
    }
  }

  private func fetch(
    _ request: HTTPRequest, into part: PartFile, plan: DownloadPlan,
    progress: @escaping @Sendable (Int64) -> Void
  ) async throws(TransferError) {
    var request = request
    // At the lowest speed that is taken, and a minute for the server to begin.
    request.limits.total = .seconds(60 + plan.byteCount / 1000)
    let validator = part.validator
    let start = validator == nil || part.byteCount > plan.byteCount ? 0 : part.byteCount
    if start > 0, let validator {
      request.fields.append("Range", "bytes=\(start)-")
      request.fields.append("If-Range", validator)
    }
    let opened = try OpenFile(part.file, O_RDWR | O_CREAT, step: "create")
    let (url, limit) = (request.shownURL, request.limits.answerBytes)
    let response = try await followed(request) { head in
      // A page, or a file of another length, must not take the place of what is there.
      guard head.status == 206 || head.status == 200 && !plan.isMissed(by: head) && plan.fits(head)
      else {
        return MemorySink(url: url, limitBytes: limit)
      }
      let offset = head.status == 206 ? start : 0
      part.begin(opened, at: offset, validator: head.fields["ETag"])
      return FileSink(
        url: url, file: opened, limitBytes: plan.byteCount, offset: offset,
        progress: progress)
    }
    try check(response, start: start, part: part, plan: plan, url: url)
  }

  private func check(
    _ response: HTTPResponse, start: Int64, part: PartFile, plan: DownloadPlan, url: String
  ) throws(TransferError) {
    switch response.status {
    case 200 where plan.isMissed(by: response):
      throw .status(url: url, code: 200, reason: "a page instead of the file")
    case 200 where !plan.fits(response):
      throw .mismatch(
        url: url,
        reason: "it has \(response.fields["Content-Length"] ?? "") bytes, and \(plan.byteCount) "
          + "were announced")
    case 200: return
    case 206 where response.fields["Content-Range"]?.hasPrefix("bytes \(start)-") == true: return
    case 206, 416:
      part.remove()
      throw .interrupted(url: url, reason: "the server answered another range than was asked for")
    default:
      let text = String(decoding: response.body.prefix(200), as: UTF8.self)
      throw .status(
        url: url, code: response.status,
        reason: String(text.filter { $0.isLetter || $0.isNumber || $0.isPunctuation || $0 == " " }),
        retryAfter: response.fields["Retry-After"].flatMap {
          RetryAfter.pause($0, unit: plan.retryAfterUnit, now: Date())
        })
    }
  }

  private func publish(
    _ part: PartFile, as file: URL, plan: DownloadPlan, url: String
  ) async throws(TransferError) {
    guard part.byteCount == plan.byteCount else {
      let count = part.byteCount
      // Shorter than announced, and yet a whole answer: there is nothing to continue.
      part.remove()
      throw .mismatch(
        url: url, reason: "it has \(count) bytes, and \(plan.byteCount) were announced")
    }
    do {
      let digest = try await files.run { try Digest.sha256(ofFileAt: part.file) }
      guard digest == plan.sha256 else {
        part.remove()
        throw TransferError.mismatch(
          url: url, reason: "its SHA-256 is \(digest), and \(plan.sha256) was announced")
      }
      try await files.run {
        try DurableFile.publish(part.file, as: file)
        part.remove()
      }
    } catch let error as TransferError {
      throw error
    } catch is CancellationError {
      throw .cancelled(nothingWasSent: false)
    } catch {
      throw .file(reason: "\(error)")
    }
  }
}

/// The beginning of a download on disk, and the server's name for the bytes that it is of.
private struct PartFile: Sendable {
  let file: URL
  private let validatorFile: URL

  init(for file: URL) {
    self.file = file.appendingPathExtension("part")
    validatorFile = file.appendingPathExtension("part-etag")
  }

  /// The bytes that are there.
  var byteCount: Int64 {
    var status = stat()
    return stat(file.path, &status) == 0 ? Int64(status.st_size) : 0
  }

  /// The strong entity tag of those bytes (RFC 9110, section 8.8.3).
  var validator: String? {
    // Unreadable means the same as absent: the download begins again.
    let text = try? String(contentsOf: validatorFile, encoding: .utf8)
    return text.flatMap { $0.hasPrefix("\"") && $0.hasSuffix("\"") && $0.count > 2 ? $0 : nil }
  }

  /// Cuts the file to where the answer begins, and keeps the validator of a whole answer.
  func begin(_ opened: OpenFile, at offset: Int64, validator: String?) {
    guard offset == 0 else { return }
    ftruncate(opened.descriptor, 0)
    // A validator that cannot be kept costs a resumption, nothing else.
    try? FileManager.default.removeItem(at: validatorFile)
    try? validator?.write(to: validatorFile, atomically: false, encoding: .utf8)
  }

  /// Removes what is there.
  func remove() {
    unlink(file.path)
    unlink(validatorFile.path)
  }
}
