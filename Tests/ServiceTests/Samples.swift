// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Wire

/// Values that several tests use.
enum Samples {
  static let request = JobRequest(
    scene: "0123456789abcdef", model: "m", vendor: "v", budget: "b", gridOrigin: .scene)

  /// A plan of so many minor units; its SHA-256 follows from them.
  static func plan(_ minorUnits: Int64 = 0) throws -> PlanSummary {
    let price = try Money(minorUnits: minorUnits, currency: Currency(code: "EUR"))
    return PlanSummary(
      sha256: "\(minorUnits)".padding(toLength: 64, withPad: "0", startingAt: 0), price: price,
      priceOfWanted: price, priceOfEverything: price, orderCount: 1, itemCount: 1,
      neededAreaM2: 1, billedAreaM2: nil,
      patches: .init(toBuy: 1, owned: 0, wanted: 1, everything: 16),
      chips: .init(surveyed: 1, buying: 1, tooFewValidPixels: 0, outsideScene: 0),
      estimatedLowResolutionAccuracy: nil, estimatedAccuracy: nil)
  }

  /// So many euros.
  static func euros(_ count: Int) throws -> Money { try Money(parsing: "\(count).00 EUR") }

  /// A job's id that sorts by its number.
  static func jobID(_ number: Int) -> String {
    "01900000-0000-7000-8000-" + String(repeating: "0", count: 12 - "\(number)".count)
      + "\(number)"
  }

  /// Waits until `condition` holds; false after twenty seconds.
  static func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(120)
    while try await !condition() {
      if clock.now > deadline { return false }
      // Cancellation of the test ends the wait by the deadline at the latest.
      try? await Task.sleep(for: .milliseconds(10))
    }
    return true
  }
}
