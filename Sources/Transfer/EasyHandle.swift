// SPDX-License-Identifier: Apache-2.0

internal import CCurl

/// The owner of one of libcurl's easy handles and of what libcurl only borrows.
struct EasyHandle: ~Copyable {
  let pointer: UnsafeMutableRawPointer
  private let message: UnsafeMutablePointer<CChar>
  private var fields: UnsafeMutablePointer<curl_slist>?

  init() {
    guard let pointer = curl_easy_init() else {
      preconditionFailure("libcurl starts when there is memory")
    }
    self.pointer = pointer
    message = .allocate(capacity: Int(CURL_ERROR_SIZE))
    message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    // Without its buffer libcurl has its general text for each code.
    _ = fovea_curl_setopt_pointer(pointer, CURLOPT_ERRORBUFFER, message)
  }

  deinit {
    curl_easy_cleanup(pointer)
    curl_slist_free_all(fields)
    message.deallocate()
  }

  /// What libcurl says of a failure.
  func reason(_ code: CURLcode) -> String {
    let text = String(cString: message)
    return text.isEmpty ? String(cString: curl_easy_strerror(code)) : text
  }

  /// The bytes of the request that were handed to the system.
  var sentByteCount: Int {
    var count = 0
    let code = fovea_curl_getinfo_long(pointer, CURLINFO_REQUEST_SIZE, &count)
    // Without the figure, some may have left: the careful answer.
    return code == CURLE_OK ? count : 1
  }

  func set(_ option: CURLoption, _ value: Int) throws(TransferError) {
    try check(fovea_curl_setopt_long(pointer, option, value))
  }

  func set(_ option: CURLoption, bytes value: Int64) throws(TransferError) {
    try check(fovea_curl_setopt_off_t(pointer, option, curl_off_t(value)))
  }

  func set(_ option: CURLoption, _ value: String?) throws(TransferError) {
    try check(fovea_curl_setopt_string(pointer, option, value))
  }

  func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer) throws(TransferError) {
    try check(fovea_curl_setopt_pointer(pointer, option, value))
  }

  func set(
    _ option: CURLoption, callback: @escaping fovea_curl_bytes_callback
  ) throws(TransferError) {
    try check(fovea_curl_setopt_bytes(pointer, option, callback))
  }

  func setOpenSocket(_ callback: @escaping curl_opensocket_callback) throws(TransferError) {
    try check(fovea_curl_setopt_opensocket(pointer, CURLOPT_OPENSOCKETFUNCTION, callback))
  }

  /// Adds header lines, which libcurl borrows for as long as the handle lives.
  mutating func setFields(_ lines: [String]) throws(TransferError) {
    for line in lines { fields = curl_slist_append(fields, line) ?? fields }
    try check(fovea_curl_setopt_slist(pointer, CURLOPT_HTTPHEADER, fields))
  }

  private func check(_ code: CURLcode) throws(TransferError) {
    guard code == CURLE_OK else {
      throw .invalidRequest(
        what: "libcurl does not take an option: \(String(cString: curl_easy_strerror(code)))",
        remedy: "Install libcurl 7.85 or later.")
    }
  }
}
