// SPDX-License-Identifier: Apache-2.0

import CConfinement
import Foundation

/// A running `fovea-decode`; it ends with this value.
///
/// One thread uses it at a time: ``RasterDecoder`` lends it out.
final class DecoderProcess: Sendable {
  /// How long loading may take on a machine that is busy.
  private static let startSeconds = 60

  /// The process.
  let identifier: pid_t
  /// What it said of itself.
  let landlockVersion: Int?
  private let socket: Int32

  /// Starts the program and waits until it is ready.
  ///
  /// - Throws: `RasterError.decoderUnavailable` with what is wrong.
  init(program: URL, hasEnvironment: Bool = true) throws(RasterError) {
    var sockets: [Int32] = [-1, -1]
    var process: pid_t = 0
    guard cc_socket_pair(&sockets) == 0 else {
      throw .decoderUnavailable(
        reason: "there is no socket for it: \(String(cString: strerror(errno)))",
        remedy: "Close other programs, or allow this one more open files.")
    }
    let error = cc_start(program.path, sockets[1], hasEnvironment ? 1 : 0, &process)
    close(sockets[1])
    guard error == 0 else {
      close(sockets[0])
      throw .decoderUnavailable(
        reason: "\(program.path) cannot be started: \(String(cString: strerror(error)))",
        remedy: "Install it again, and let this user run it.")
    }
    let greeting = Self.receive(
      from: sockets[0], until: .now + .seconds(Self.startSeconds)
    ).flatMap(DecoderGreeting.init)
    guard let greeting, greeting.trouble.isEmpty else {
      Self.end(process, socket: sockets[0])
      let trouble = greeting.map { DecodeProtocol.plain($0.trouble) }
      throw .decoderUnavailable(
        reason: trouble.map { "\(program.path) must not decode here: \($0)" }
          ?? "\(program.path) ended, or said nothing, when it was started",
        remedy: trouble == nil
          ? "Run it by hand to see why; it belongs to the same version as this program."
          : "A kernel with seccomp filters is needed, and a container must allow them.")
    }
    (identifier, socket, landlockVersion) = (process, sockets[0], greeting.landlockVersion)
  }

  deinit { Self.end(identifier, socket: socket) }

  /// Asks for a file to be decoded.
  ///
  /// - Returns: false where the process is gone.
  func send(_ request: DecodeRequest, input: Int32, answer: Int32) -> Bool {
    let bytes = request.bytes
    return cc_send(socket, bytes, bytes.count, [input, answer], 2) == bytes.count
  }

  /// Waits for what became of the request; nil where the process is gone or silent.
  func receiveReport(until deadline: ContinuousClock.Instant) -> DecodeIncident.End? {
    Self.receive(from: socket, until: deadline).flatMap(DecodeReport.init)?.end
  }

  private static func receive(
    from socket: Int32, until deadline: ContinuousClock.Instant
  ) -> [UInt8]? {
    var event = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    var count: Int32
    repeat {
      let left = (deadline - .now).milliseconds
      guard left > 0 else { return nil }
      count = poll(&event, 1, Int32(clamping: left))
    } while count < 0 && errno == EINTR
    guard count > 0 else { return nil }
    var message = [UInt8](repeating: 0, count: DecodeProtocol.messageBytes)
    var passed: [Int32] = [-1, -1]
    let length = cc_receive(socket, &message, message.count, &passed)
    for descriptor in passed where descriptor >= 0 { close(descriptor) }
    return length > 0 ? Array(message[..<length]) : nil
  }

  /// Ends the process, and with it the one that decodes.
  private static func end(_ process: pid_t, socket: Int32) {
    close(socket)
    kill(process, SIGKILL)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
  }
}
