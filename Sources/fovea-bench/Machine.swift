// SPDX-License-Identifier: Apache-2.0

import Foundation
import Neural

/// What a figure of speed depends on beside the program.
struct Machine {
  /// The processor's name for itself.
  static var processor: String {
    // Without the file, the table says so.
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces) ?? "unknown"
  }

  /// The largest resident memory of this process since it was started, in MiB.
  ///
  /// Not `ru_maxrss`: that starts from what the process that started this one had.
  static var peakMiB: Double {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    let words = line?.split(whereSeparator: \.isWhitespace) ?? []
    return words.count > 1 ? (Double(words[1]) ?? 0) / 1024 : 0
  }

  /// OpenBLAS's speed on this thread: a product of two 1024 x 1024 matrices, in GFLOP/s.
  static func sgemmGigaflops(seconds: Double) -> Double {
    let side = 1024
    let a = Tensor(shape: [side, side], repeating: 0.5)
    var c = Tensor(shape: [side, side])
    let gigaflop = 2 * Double(side * side * side) / 1e9
    return ContinuousClock().medianRate(of: gigaflop, seconds: seconds) {
      EngineMachine.multiply(a, a, into: &c)
    }.wall
  }
}

/// The machine's ceiling as a child measures it.
struct Ceiling: Codable {
  /// One thread's GFLOP/s.
  var gigaflops: Double
}
