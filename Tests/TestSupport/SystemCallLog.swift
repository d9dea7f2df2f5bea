// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// The system calls of a program and its children, as `strace` saw them.
package struct SystemCallLog {
  /// One call.
  package struct Call {
    package let process: String
    package let name: String
    /// What is between the brackets.
    package let arguments: String
    /// What is after the equals sign.
    package let result: String
    /// Whether the process had shut itself in before.
    package let isConfined: Bool

    /// The first text in quotes among the arguments: the path of a call that opens.
    package var path: String? {
      let parts = arguments.split(separator: "\"", omittingEmptySubsequences: false)
      return parts.count > 2 ? String(parts[1]) : nil
    }
  }

  package private(set) var calls: [Call] = []

  /// Reads what `strace -f -o FILE` wrote.
  package init(_ file: URL) throws {
    var begun: [Substring: Substring] = [:]
    var confined: Set<Substring> = []
    let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    for line in text.split(separator: "\n") {
      guard let space = line.firstIndex(of: " ") else { continue }
      let process = line[..<space]
      var rest = String(line[space...].drop { $0 == " " })
      if let end = rest.range(of: "<unfinished ...>") {
        begun[process] = Substring(rest[..<end.lowerBound])
        continue
      }
      if rest.hasPrefix("<... "), let end = rest.range(of: " resumed>") {
        rest = String(begun.removeValue(forKey: process) ?? "") + rest[end.upperBound...]
      }
      guard let open = rest.firstIndex(of: "("),
        let equals = rest.range(of: " = ", options: .backwards)
      else { continue }
      let call = Call(
        process: String(process), name: String(rest[..<open]),
        arguments: String(rest[rest.index(after: open)..<equals.lowerBound]),
        result: String(rest[equals.upperBound...]), isConfined: confined.contains(process))
      calls.append(call)
      if call.isFilter { confined.insert(process) }
    }
    // A call that the filter ends the process for has no result.
    for (process, call) in begun {
      calls.append(
        Call(
          process: String(process), name: String(call.prefix { $0 != "(" }),
          arguments: String(call), result: "?", isConfined: confined.contains(process)))
    }
  }

  /// Whether there is a tracer, and it may trace here: containers forbid it.
  package static let isPossible: Bool = {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/strace")
    process.arguments = ["-f", "-o", "/dev/null", "true"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()
}

extension SystemCallLog.Call {
  /// Whether with this call a process has no way back to files and networks.
  fileprivate var isFilter: Bool {
    result.hasPrefix("0")
      && (name == "seccomp" && arguments.contains("SECCOMP_SET_MODE_FILTER")
        || name == "prctl" && arguments.contains("PR_SET_SECCOMP"))
  }
}
