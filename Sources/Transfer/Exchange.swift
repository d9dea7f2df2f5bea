// SPDX-License-Identifier: Apache-2.0

internal import CCurl
internal import Foundation

/// What a caller asks of the transfer thread.
struct Job: Sendable {
  let id: UInt64
  let request: HTTPRequest
  /// A PEM file of those who are trusted instead of the system's.
  let authorities: String?
  /// Called on the transfer thread when the answer's head is there.
  let makeSink: @Sendable (HTTPResponse) -> any BodySink
  /// Called once, on the transfer thread.
  let completion: @Sendable (Result<HTTPResponse, TransferError>) -> Void
}

/// One request on its way; lives on the transfer thread.
final class Exchange {
  /// The largest head of an answer, in bytes.
  static let largestHeadBytes = 64 << 10

  let job: Job
  private var easy: EasyHandle
  private var body: RequestBody
  private var head: (status: Int, fields: HTTPFields) = (0, [:])
  private var headByteCount = 0
  private var sink: (any BodySink)?
  /// What one of the callbacks found, which is why it stopped libcurl.
  private var failure: TransferError?
  private var refusedAddress = false
  /// When the newest part of the request's body was handed over; the exchange's start until then.
  private var lastSent = ContinuousClock.now

  var handle: UnsafeMutableRawPointer { easy.pointer }

  init(_ job: Job) throws(TransferError) {
    self.job = job
    try job.request.check()
    body = try RequestBody(job.request.body)
    easy = EasyHandle()
    try configureSafety()
    try configureRequest()
    try configureLimits()
    try configureCallbacks()
  }

  // What libcurl must never do on its own: follow, authenticate, ask a proxy, read the user's files.
  private func configureSafety() throws(TransferError) {
    let schemes = job.request.endpoint.isSecure ? "https" : "http"
    try easy.set(CURLOPT_PROTOCOLS_STR, schemes)
    try easy.set(CURLOPT_REDIR_PROTOCOLS_STR, schemes)
    try easy.set(CURLOPT_FOLLOWLOCATION, 0)
    try easy.set(CURLOPT_UNRESTRICTED_AUTH, 0)
    try easy.set(CURLOPT_NETRC, 0)
    try easy.set(CURLOPT_PROXY, "")
    try easy.set(CURLOPT_NOSIGNAL, 1)
    try easy.set(CURLOPT_SSL_VERIFYPEER, 1)
    try easy.set(CURLOPT_SSL_VERIFYHOST, 2)
    if let authorities = job.authorities {
      try easy.set(CURLOPT_CAINFO, authorities)
      try easy.set(CURLOPT_CAPATH, nil as String?)
    }
    try easy.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    try easy.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
  }

  private func configureRequest() throws(TransferError) {
    let request = job.request
    try easy.set(CURLOPT_URL, request.endpoint.url(of: request.path))
    // The path goes out as it was checked: libcurl would shorten `/../`.
    try easy.set(CURLOPT_PATH_AS_IS, 1)
    if case .unixSocket(let path) = request.endpoint.reach {
      try easy.set(CURLOPT_UNIX_SOCKET_PATH, path)
    }
    let sendsBody = [.post, .put, .patch].contains(request.method)
    if sendsBody {
      try easy.set(CURLOPT_POST, 1)
      try easy.set(CURLOPT_POSTFIELDSIZE_LARGE, bytes: body.byteCount)
    } else {
      try easy.set(CURLOPT_HTTPGET, 1)
    }
    // On a connection that the server has closed meanwhile libcurl sends a request again by
    // itself, a POST too: what acts gets a connection of its own.
    if request.method != .get { try easy.set(CURLOPT_FRESH_CONNECT, 1) }
    try easy.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    try easy.set(CURLOPT_USERAGENT, "fovea")
    // A name without a value takes libcurl's own field away; with a semicolon it is sent empty.
    var lines = ["Expect:"]
    if sendsBody, request.fields["Content-Type"] == nil { lines.append("Content-Type:") }
    lines += request.fields.fields.map {
      $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)"
    }
    try easy.setFields(lines)
  }

  private func configureLimits() throws(TransferError) {
    func milliseconds(_ duration: Duration) -> Int { max(1, Int(duration / .milliseconds(1))) }
    let limits = job.request.limits
    try easy.set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(limits.connect))
    if let total = limits.total { try easy.set(CURLOPT_TIMEOUT_MS, milliseconds(total)) }
    if let tooSlow = limits.tooSlow {
      try easy.set(CURLOPT_LOW_SPEED_LIMIT, 1000)
      try easy.set(CURLOPT_LOW_SPEED_TIME, max(1, Int(tooSlow / .seconds(1))))
    }
  }

  private func configureCallbacks() throws(TransferError) {
    // Unretained: the transfer thread keeps the exchange for as long as libcurl has the handle.
    let context = Unmanaged.passUnretained(self).toOpaque()
    try easy.set(CURLOPT_WRITEDATA, context)
    try easy.set(CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      Exchange.at(context).take(UnsafeRawBufferPointer(start: bytes, count: size * count))
    }
    try easy.set(CURLOPT_HEADERDATA, context)
    try easy.set(CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      Exchange.at(context).takeHead(UnsafeRawBufferPointer(start: bytes, count: size * count))
    }
    try easy.set(CURLOPT_READDATA, context)
    try easy.set(CURLOPT_READFUNCTION) { bytes, size, count, context in
      Exchange.at(context).give(
        UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
    }
    try easy.set(CURLOPT_OPENSOCKETDATA, context)
    try easy.setOpenSocket { context, _, address in
      address.map { Exchange.at(context).openSocket($0) } ?? -1
    }
  }

  private static func at(_ context: UnsafeMutableRawPointer?) -> Exchange {
    guard let context else { preconditionFailure("libcurl gives back the context it was given") }
    return Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
  }

  // MARK: - Callbacks

  private func openSocket(_ address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
    let length = Int(address.pointee.addrlen)
    let isAllowed = withUnsafePointer(to: &address.pointee.addr) {
      AddressRule.allows($0, length: length, for: job.request.endpoint.reach)
    }
    guard isAllowed else {
      refusedAddress = true
      return -1
    }
    return socket(
      address.pointee.family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue),
      address.pointee.protocol)
  }

  private func give(_ target: UnsafeMutableRawBufferPointer) -> Int {
    lastSent = .now
    return body.read(into: target)
  }

  private func takeHead(_ bytes: UnsafeRawBufferPointer) -> Int {
    // After the body come trailers, which nobody asked for.
    guard sink == nil else { return bytes.count }
    headByteCount += bytes.count
    guard headByteCount <= Self.largestHeadBytes else {
      failure = .answerTooLarge(
        url: job.request.shownURL, limitBytes: Int64(Self.largestHeadBytes))
      return 0
    }
    let line = String(decoding: bytes, as: UTF8.self).trimmingCharacters(
      in: .whitespacesAndNewlines)
    if line.hasPrefix("HTTP/") {
      // A new head: the one before was an interim answer.
      head = (Int(line.split(separator: " ").dropFirst().first ?? "") ?? 0, [:])
    } else if let colon = line.firstIndex(of: ":") {
      let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      head.fields.append(String(line[..<colon]), value)
    } else if line.isEmpty, head.status >= 200 {
      sink = job.makeSink(HTTPResponse(status: head.status, fields: head.fields, body: Data()))
    }
    return bytes.count
  }

  private func take(_ bytes: UnsafeRawBufferPointer) -> Int {
    do throws(TransferError) {
      try sink?.write(bytes)
      return bytes.count
    } catch {
      failure = error
      // Any other count than was given stops libcurl.
      return bytes.isEmpty ? 1 : 0
    }
  }

  // MARK: - The first byte

  /// When the answer must have begun; nil once it has, or where there is no limit.
  var deadline: ContinuousClock.Instant? {
    guard headByteCount == 0, let limit = job.request.limits.firstByte else { return nil }
    return lastSent + limit
  }

  /// The error of an exchange whose answer did not begin in time.
  var overdue: TransferError {
    let reason = "no answer began in \(job.request.limits.firstByte ?? .zero)"
    return easy.sentByteCount == 0
      ? .notSent(url: job.request.shownURL, reason: reason)
      : .interrupted(url: job.request.shownURL, reason: reason)
  }

  // MARK: - The end

  /// The error of an exchange that the caller has ended.
  var cancelled: TransferError { .cancelled(nothingWasSent: easy.sentByteCount == 0) }

  /// What the exchange came to, once libcurl is done with it.
  func result(_ code: CURLcode) -> Result<HTTPResponse, TransferError> {
    if let failure { return .failure(failure) }
    guard code == CURLE_OK else { return .failure(error(code)) }
    guard head.status >= 200, sink != nil else {
      return .failure(
        .interrupted(url: job.request.shownURL, reason: "the answer is not HTTP"))
    }
    do throws(TransferError) {
      try sink?.finish()
    } catch {
      return .failure(error)
    }
    return .success(
      HTTPResponse(
        status: head.status, fields: head.fields, body: sink?.collected ?? Data()))
  }

  private func error(_ code: CURLcode) -> TransferError {
    let url = job.request.shownURL
    guard easy.sentByteCount == 0 else {
      return .interrupted(url: url, reason: easy.reason(code))
    }
    if refusedAddress {
      let wanted = job.request.endpoint.reach == .publicHost ? "public" : "local"
      return .notSent(url: url, reason: "its address is not a \(wanted) one")
    }
    if case .unixSocket(let path) = job.request.endpoint.reach,
      code == CURLE_COULDNT_CONNECT
    {
      return .notSent(url: url, reason: Self.reason(ofSocket: path))
    }
    return .notSent(url: url, reason: easy.reason(code))
  }

  /// Why nobody was reached at a socket; libcurl speaks of a port there.
  private static func reason(ofSocket path: String) -> String {
    if access(path, F_OK) != 0 { return "there is no such socket" }
    if access(path, W_OK) != 0 { return "permission to open the socket is denied" }
    return "nobody listens on the socket"
  }
}

/// The body of a request, handed to libcurl piece by piece.
private struct RequestBody {
  private enum Source {
    case data(Data)
    case file(OpenFile)
  }

  let byteCount: Int64
  private let source: Source
  private var offset: Int64 = 0

  init(_ body: HTTPRequest.Body) throws(TransferError) {
    switch body {
    case .none:
      source = .data(Data())
      byteCount = 0
    case .data(let bytes):
      source = .data(bytes)
      byteCount = Int64(bytes.count)
    case .file(let url):
      let file = try OpenFile(url, O_RDONLY, step: "open")
      source = .file(file)
      byteCount = file.byteCount
    }
  }

  /// Gives the next bytes; a file that has become shorter or cannot be read stops libcurl.
  mutating func read(into target: UnsafeMutableRawBufferPointer) -> Int {
    let wanted = Int(min(Int64(target.count), byteCount - offset))
    guard wanted > 0 else { return 0 }
    switch source {
    case .data(let data):
      let start = data.startIndex + Int(offset)
      data[start..<start + wanted].withUnsafeBytes { target.copyMemory(from: $0) }
      offset += Int64(wanted)
      return wanted
    case .file(let file):
      let count = pread(file.descriptor, target.baseAddress, wanted, off_t(offset))
      guard count > 0 else { return Int(CURL_READFUNC_ABORT) }
      offset += Int64(count)
      return count
    }
  }
}
