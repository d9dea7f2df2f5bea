// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What one process measured: one line of JSON, ours with the keys of the peers' scripts.
struct Measurement: Codable {
  /// The median over single steps.
  var imagesPerSecond: Double
  /// The same by the processor's time: with one thread, the figure that other work disturbs least.
  var imagesPerProcessorSecond: Double?
  /// The largest resident memory of the process.
  var peakMiB: Double
  /// The engine and its version.
  var version: String

  enum CodingKeys: String, CodingKey {
    case imagesPerSecond = "images_per_s"
    case imagesPerProcessorSecond = "images_per_cpu_s"
    case peakMiB = "peak_rss_mb"
    case version
  }
}

/// What is done with a network.
enum Pass: String, Codable, CaseIterable {
  case inference
  case training
}

extension Sequence<Double> {
  /// The middle value, or the mean of the two in the middle; nil of nothing.
  var median: Double? {
    let sorted = sorted()
    guard !sorted.isEmpty else { return nil }
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }
}

extension ContinuousClock {
  /// Runs a step again and again: the median of its rates, by the rule of the peers' scripts.
  ///
  /// It is warmed up for up to a second, then run for `seconds` and at least three times. Each
  /// step is timed alone, so that a pause of the machine costs one of many.
  ///
  /// - Returns: `work` a second, by the wall and by the processor's time.
  func medianRate(
    of work: Double, seconds: Double, step: () -> Void
  ) -> (wall: Double, processor: Double) {
    let warmUp = now + .seconds(min(1, seconds / 3))
    repeat { step() } while now < warmUp
    var rates: [Double] = []
    var processorRates: [Double] = []
    let end = now + .seconds(seconds)
    repeat {
      let before = clock()
      rates.append(work / measure(step).seconds)
      processorRates.append(work * Double(CLOCKS_PER_SEC) / Double(max(clock() - before, 1)))
    } while now < end || rates.count < 3
    return (rates.median ?? 0, processorRates.median ?? 0)
  }
}

extension Duration {
  /// The duration as a number.
  var seconds: Double { self / .seconds(1) }
}
