// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Planning
import Wire

extension PlanSummary {
  /// The figures of a plan whose file has a SHA-256.
  init(_ plan: Plan, sha256: String) {
    let states = plan.unplanned.map(\.state)
    self.init(
      sha256: sha256, price: plan.price, priceOfWanted: plan.priceOfWanted,
      priceOfEverything: plan.priceOfEverything, orderCount: plan.orders.count,
      itemCount: plan.orders.reduce(0) { $0 + $1.draft.rectangles.count },
      neededAreaM2: Double(plan.neededSquareMillimetres) / 1e6,
      billedAreaM2: plan.billedSquareMillimetres.map { Double($0) / 1e6 },
      patches: Patches(
        toBuy: plan.counts.toBuy, owned: plan.counts.owned, wanted: plan.counts.wanted,
        everything: plan.counts.everything),
      chips: Chips(
        surveyed: plan.chips.count, buying: plan.chips.count { !$0.toBuy.isEmpty },
        tooFewValidPixels: states.count { $0 == .tooFewValidPixels },
        outsideScene: states.count { $0 == .outsideScene }),
      estimatedLowResolutionAccuracy: plan.estimatedLowResolutionAccuracy,
      estimatedAccuracy: plan.estimatedAccuracy, reading: plan.reading)
  }
}
