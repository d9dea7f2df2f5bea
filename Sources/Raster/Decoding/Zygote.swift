// SPDX-License-Identifier: Apache-2.0

import CConfinement
import Foundation

/// `fovea-decode`: a process of one thread that has loaded everything and never reads a byte from
/// outside; for each file it forks one that confines itself, decodes and ends.
///
/// A process that starts afresh for each file would spend most of its time loading a hundred
/// libraries.
package enum Zygote {
  private static let socket = Int32(CC_SOCKET)

  /// Serves requests on descriptor 3 until the program that started it is gone.
  package static func serve() -> Never {
    let trouble = prepare()
    let version = Int(cc_landlock_version())
    let greeting = DecoderGreeting(
      landlockVersion: version > 0 ? version : nil, trouble: trouble ?? "")
    send(greeting.bytes)
    guard trouble == nil else { _exit(DecodeProtocol.confinementCode) }
    var message = [UInt8](repeating: 0, count: DecodeProtocol.messageBytes)
    var passed: [Int32] = [-1, -1]
    while true {
      let count = cc_receive(socket, &message, message.count, &passed)
      // The program has ended, or does not want this decoder any more.
      guard count > 0 else { _exit(0) }
      guard let request = DecodeRequest(Array(message[..<count])), passed.allSatisfy({ $0 >= 0 })
      else { _exit(DecodeProtocol.confinementCode) }
      send(DecodeReport(decode(request, input: passed[0], answer: passed[1])).bytes)
    }
  }

  /// Loads what decoding needs, and says why this process must not decode.
  private static func prepare() -> String? {
    // Swift's runtime would look into a crash; here the signal itself is what is reported.
    for number in [SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV] {
      signal(number, SIG_DFL)
    }
    GDAL.prepareForDecoding()
    guard cc_has_seccomp() != 0 else {
      return "the kernel has no seccomp filters, or they are forbidden here"
    }
    guard cc_prepare_filter() == 0 else {
      return "the filter of system calls cannot be made: \(String(cString: strerror(errno)))"
    }
    // Whatever the libraries look up at their first use, they look up now.
    guard SelfCheckImage.decodesInThisProcess() else { return "it cannot decode its own image" }
    let threads = cc_thread_count()
    guard threads == 1 else {
      return "it has \(threads) threads, and confinement binds only one of them"
    }
    return nil
  }

  /// Forks, and waits for the end of the process until its deadline.
  private static func decode(
    _ request: DecodeRequest, input: Int32, answer: Int32
  ) -> DecodeIncident.End {
    let parent = getpid()
    let process = cc_fork()
    if process == 0 { DecodingProcess.run(request, input: input, answer: answer, parent: parent) }
    close(input)
    close(answer)
    guard process > 0 else { return .givenUp }
    let descriptor = cc_process_descriptor(process)
    defer { close(descriptor) }
    let hasEnded = descriptor >= 0 && waits(for: descriptor, seconds: request.seconds)
    // Nobody has waited for it, so that its number is still its own.
    if !hasEnded { kill(process, SIGKILL) }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    guard hasEnded else { return .ranOutOfTime }
    let signal = Int(status & 0x7f)
    return signal == 0 ? .exited(code: Int(status >> 8) & 0xff) : .signalled(signal)
  }

  /// Waits for a process; the end of the program that asked ends it, too.
  private static func waits(for process: Int32, seconds: Int) -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while true {
      let left = (deadline - .now).milliseconds
      guard left > 0 else { return false }
      var events = [
        pollfd(fd: process, events: Int16(POLLIN), revents: 0),
        pollfd(fd: socket, events: 0, revents: 0),
      ]
      let count = poll(&events, 2, Int32(clamping: left))
      if count < 0 && errno == EINTR { continue }
      if events[0].revents != 0 { return true }
      if events[1].revents != 0 {
        // It dies with this process.
        _exit(0)
      }
      if count < 0 { return false }
    }
  }

  private static func send(_ bytes: [UInt8]) {
    guard cc_send(socket, bytes, bytes.count, nil, 0) == bytes.count else { _exit(0) }
  }
}

extension Duration {
  /// Whole milliseconds, rounded up.
  var milliseconds: Int {
    let (seconds, attoseconds) = components
    return Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }
}
