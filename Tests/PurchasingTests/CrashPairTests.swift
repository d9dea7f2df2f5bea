// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import Platform
import Purchasing
import TestSupport
import Testing
import Vendors

/// A purchase that ends at a crash point, and again at another one while it recovers.
///
/// Every point and every ordered pair, with every kind of vendor; processes that are really killed
/// are in ProcessTests.
@Suite struct CrashPairTests {
  /// Vendors that differ in what makes recovery safe, or unsafe.
  enum Behaviour: String, CaseIterable, Sendable {
    case replays
    case refuses
    case noRepeatSafety
    case lag
    case losesTheAnswer
    case noLookUp

    func market() throws -> Market {
      switch self {
      case .replays: try Market()
      case .refuses: try Market(repeated: .refuses)
      case .noRepeatSafety: try Market(repeated: .duplicates)
      case .lag: try Market(lag: .seconds(30))
      case .losesTheAnswer: try Market(faults: [.lostAnswer, .cutDownload])
      case .noLookUp: try Market(lookUp: .none, repeated: .duplicates)
      }
    }

    /// Whether an order that may have been sent can be sent again, or be found.
    var mayPark: Bool { self == .noRepeatSafety || self == .noLookUp }
  }

  @Test(arguments: Behaviour.allCases)
  func `nothing is bought twice, lost or left held`(behaviour: Behaviour) async throws {
    for first in CrashPoint.allCases {
      try await run(behaviour, [first])
      for second in CrashPoint.allCases { try await run(behaviour, [first, second]) }
    }
  }

  private func run(_ behaviour: Behaviour, _ points: [CrashPoint]) async throws {
    let comment = Comment(rawValue: "\(behaviour), \(points.map(\.rawValue))")
    let market = try behaviour.market()
    let key = try market.draft(items: 2)
    for point in points {
      market.reach = { if $0 == point { throw SimulatedCrash() } }
      do {
        try await market.purchaser().recover()
        try await market.buy()
      } catch is SimulatedCrash {
        // As planned; a point that lies behind the purchase is not reached again.
      }
      // The file as it is on disk is enough to look at once a point.
      if points.count == 1 { try market.restart() }
    }
    market.reach = { _ in }
    try await market.purchaser().recover()
    try await market.buy()

    let order = try market.order(key)
    let isDone = order.state == .settled
    #expect(isDone || behaviour.mayPark && order.state == .parked, comment)
    #expect(market.vendor.sales.count <= 1, comment)
    #expect(market.vendor.submitCount <= (behaviour.mayPark ? 1 : points.count + 1), comment)
    if isDone {
      let owned = try market.ledger.ownedPatches(
        product: order.draft.product, grid: order.draft.grid)
      #expect(owned.count == 4, comment)
      for patch in owned.values {
        let file = market.folder.url.appending(path: patch.path)
        #expect(try Digest.sha256(ofFileAt: file) == patch.sha256, comment)
      }
    } else {
      #expect(order.held.description == "2.00 EUR", comment)
    }
    try await market.expectClosedBooks()
    // Recovering once more changes nothing.
    let before = try market.ledger.verify()
    try await market.purchaser().recover()
    try await market.buy()
    #expect(try market.order(key) == order, comment)
    #expect(try market.ledger.verify() == before, comment)
  }
}
