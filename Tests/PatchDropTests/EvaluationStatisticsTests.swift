// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import PatchDrop
import Platform
import Testing

/// Intervals, matched masks and the paper's tables.
@Suite struct EvaluationStatisticsTests {
  @Test(arguments: [(940, 1000), (2540, 2704), (30, 50), (1, 400)])
  func `the interval of a share is what drawing chip by chip gives`(part: Int, count: Int) {
    let interval = Bootstrap.share(of: part, in: count)
    let drawn = drawnInterval((0..<count).map { $0 < part ? 1 : 0 })
    let tolerance = 0.12 * (drawn.high - drawn.low) + 1.01 / Double(count)
    #expect(abs(interval.low - drawn.low) <= tolerance, "\(interval) \(drawn)")
    #expect(abs(interval.high - drawn.high) <= tolerance, "\(interval) \(drawn)")
  }

  @Test func `for many chips it is the normal approximation`() {
    let interval = Bootstrap.share(of: 9000, in: 10_000)
    let deviation = 1.959964 * (0.9 * 0.1 / 10_000).squareRoot()
    #expect(abs(interval.low - (0.9 - deviation)) < 2.5e-4)
    #expect(abs(interval.high - (0.9 + deviation)) < 2.5e-4)
    #expect(Bootstrap.share(of: 7, in: 7) == Interval(low: 1, high: 1))
    #expect(Bootstrap.share(of: 0, in: 7) == Interval(low: 0, high: 0))
    #expect(Bootstrap.share(of: 0, in: 0) == Interval(low: 0, high: 0))
  }

  @Test(arguments: [(120, 80, 2704), (30, 30, 500), (5, 0, 100), (0, 9, 60), (40, 60, 100)])
  func `a paired interval is what drawing chip by chip gives`(
    better: Int, worse: Int, count: Int
  ) {
    let interval = Bootstrap.difference(better: better, worse: worse, count: count)
    let drawn = drawnInterval(
      (0..<count).map { $0 < better ? 1 : $0 < better + worse ? -1 : 0 })
    let tolerance = 0.12 * (drawn.high - drawn.low) + 1.01 / Double(count)
    #expect(abs(interval.low - drawn.low) <= tolerance, "\(interval) \(drawn)")
    #expect(abs(interval.high - drawn.high) <= tolerance, "\(interval) \(drawn)")
    #expect(Bootstrap.difference(better: better, worse: worse, count: count) == interval)
  }

  @Test func `a calibration error's interval is what drawing answers gives`() {
    var generator = SeededGenerator(seed: 9)
    let confidences = (0..<90).map { _ in 0.5 + 0.5 * Double(generator.uniform()) }
    let isRight = confidences.map { Double(generator.uniform()) < $0 - 0.1 }
    let errors = (0..<600).map { _ in
      let drawn = confidences.indices.map { _ in Int(generator.next() % 90) }
      return Calibration.expectedError(
        confidences: drawn.map { confidences[$0] }, isRight: drawn.map { isRight[$0] })
    }.sorted()
    let interval = Bootstrap.calibrationError(confidences: confidences, isRight: isRight)
    #expect(abs(interval.low - errors[15]) < 0.015, "\(interval) \(errors[15])")
    #expect(abs(interval.high - errors[584]) < 0.015, "\(interval) \(errors[584])")
    #expect(
      Bootstrap.calibrationError(confidences: [], isRight: []) == Interval(low: 0, high: 0))
  }

  /// The interval by drawing outcomes one by one, 600 times.
  private func drawnInterval(_ outcomes: [Int]) -> Interval {
    var generator = SeededGenerator(seed: 77)
    let count = UInt64(outcomes.count)
    let sums = (0..<600).map { _ in
      var sum = 0
      for _ in outcomes { sum += outcomes[Int(generator.next() % count)] }
      return Double(sum) / Double(outcomes.count)
    }.sorted()
    return Interval(low: sums[15], high: sums[584])
  }

  @Test(arguments: ComparisonSystem.allCases, [0, 1, 37, 160, 263, 1599, 1600])
  func `masks without a look meet S exactly and are the same each time`(
    system: ComparisonSystem, total: Int
  ) {
    let masks = system.masks(count: 100, total: total, of: .paper)
    #expect(masks.count == 100 && masks.reduce(0) { $0 + $1.count } == total)
    #expect(system.masks(count: 100, total: total, of: .paper) == masks)
    let probabilities = system.probabilities(patches: Double(total) / 100, of: .paper)
    for patch in 0..<16 {
      let share = Double(masks.count { $0.contains(patch) }) / 100
      #expect(abs(share - probabilities[patch]) <= 0.01 + 1e-9, "\(patch)")
    }
    if system == .stochastic, total == 160 {
      #expect(Set(masks.map(\.count)).count > 2, "chance decides how many a chip gets")
    }
  }

  @Test func `published figures are the paper's cells`() throws {
    func cell(
      _ system: EvaluationSystem, _ data: PublishedDataSet, _ stage: AgentVariant?
    ) throws -> [Double] {
      let result = try #require(system.published(on: data, stage: stage))
      return [result.accuracy, result.patches]
    }
    #expect(try cell(.patchDrop, .fmow, .ft2) == [0.683, 5.2])
    #expect(try cell(.patchDrop, .cifar10, .ft1) == [0.919, 7.9])
    #expect(try cell(.patchDrop, .imageNet, .pt) == [0.602, 10.1])
    #expect(try cell(.stn, .cifar100, .ft2) == [0.664, 10])
    #expect(try cell(.stochastic, .fmow, .pt) == [0.291, 7])
    #expect(try cell(.hrCNN, .fmow, nil) == [0.673, 16])
    #expect(try cell(.hrCNN, .fmow, .ft2) == [0.673, 16])
    // Every system of the tables has a figure for each data set and setting; ours have none.
    for data in PublishedDataSet.allCases {
      for system in EvaluationSystem.allCases {
        for stage in AgentVariant.allCases {
          let isPublished = system.published(on: data, stage: stage) != nil
          #expect(isPublished == (system != .lrMargin && system != .given), "\(system) \(data)")
        }
      }
    }
    #expect(PublishedDataSet.closest(toClasses: ["cat", "ship"]) == .cifar10)
    #expect(PublishedDataSet.closest(toClasses: ["Forest", "River"]) == .fmow)
  }
}
