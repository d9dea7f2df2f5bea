// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What one step of a job took.
struct ScaleStep: Codable {
  /// The step.
  var name: String
  /// The wall clock.
  var seconds: Double
  /// The processor's time, in seconds: what other work on the machine disturbs least.
  var processorSeconds: Double
  /// The largest resident memory of the process during the step, in MiB.
  var peakMiB: Double

  enum CodingKeys: String, CodingKey {
    case name, seconds
    case processorSeconds = "processor_seconds"
    case peakMiB = "peak_mib"
  }
}

/// What a job of one size took.
struct ScaleMeasurement: Codable {
  /// Chips of the job.
  var chips: Int
  /// Its steps, in order.
  var steps: [ScaleStep]
}

/// Measures the steps of a job in this process, one after another.
struct StepMeter {
  private(set) var steps: [ScaleStep] = []

  /// Runs a step and writes down what it took.
  @discardableResult
  mutating func step<Value>(_ name: String, _ body: () throws -> Value) throws -> Value {
    // From here on the kernel counts the peak anew; where it does not, peaks only grow.
    try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
    var value: Value?
    let before = clock()
    let time = try ContinuousClock().measure { value = try body() }
    steps.append(
      ScaleStep(
        name: name, seconds: time.seconds,
        processorSeconds: Double(clock() - before) / Double(CLOCKS_PER_SEC),
        peakMiB: Machine.peakMiB))
    guard let value else { preconditionFailure("the body has run") }
    return value
  }
}
