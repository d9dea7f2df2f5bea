// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform
import TestSupport

/// An authority of our own, and https servers with its certificates.
struct TLSServer: ~Copyable {
  /// Who the certificate is for, and whether it still holds.
  struct Certificate: Sendable {
    var name = "localhost"
    var days = 2
  }

  /// The authority's certificate.
  let authority: URL
  let port: Int
  private let process: Process

  /// Starts a server that answers `/` with `hello`, `/here` with a redirect to `/`, and `/to?URL`
  /// with one to URL; each line that it gets as an Authorization stands in `seen.txt`.
  init(in folder: URL, _ certificate: Certificate = Certificate()) async throws {
    let pool = ComputePool(threadCount: 1)
    authority = folder.appending(path: "ca.pem")
    let script = folder.appending(path: "server.py")
    try Self.script.write(to: script, atomically: false, encoding: .utf8)
    try await pool.run {
      try Self.openssl(in: folder, certificate)
    }
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", script.path]
    process.currentDirectoryURL = folder
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let line = try await pool.run { output.fileHandleForReading.availableData }
    self.process = process
    port = Int(String(decoding: line, as: UTF8.self).trimmingCharacters(in: .newlines)) ?? 0
  }

  // The program has nothing to tidy up, and a test's process may be deaf to SIGTERM.
  deinit { kill(process.processIdentifier, SIGKILL) }

  private static func openssl(in folder: URL, _ certificate: Certificate) throws {
    let key = "ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    let steps = [
      "openssl req -x509 -newkey \(key) -keyout ca.key -out ca.pem -subj /CN=test -days 2",
      "openssl req -newkey \(key) -keyout server.key -out server.csr -subj /CN=\(certificate.name)",
      "echo subjectAltName=DNS:\(certificate.name) > names",
      "openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names "
        + "-days \(certificate.days) -out server.pem",
    ]
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-ec", steps.joined(separator: " && ")]
    process.currentDirectoryURL = folder
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
  }

  private static let script = """
    import http.server, ssl
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        def do_GET(self):
            with open("seen.txt", "a") as seen:
                seen.write(self.path + " " + str(self.headers.get("Authorization")) + "\\n")
            path, _, query = self.path.partition("?")
            body = b"hello"
            self.send_response(302 if path in ("/here", "/to", "/loop") else 200)
            if path == "/here": self.send_header("Location", "/")
            if path == "/to": self.send_header("Location", query)
            if path == "/loop": self.send_header("Location", "/loop")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        def log_message(self, *arguments): pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("server.pem", "server.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_port, flush=True)
    server.serve_forever()
    """
}
