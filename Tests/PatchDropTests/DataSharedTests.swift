// SPDX-License-Identifier: Apache-2.0

import Foundation
import PatchDrop
import TestSupport
import Testing

/// The published sets that lie beside a developer's checkout.
@Suite struct DataSharedTests {
  private static let sets: [(name: String, zoom: Int, classes: Int, counts: [Int], side: Int)] = [
    ("eurosat", 8, 10, [11_296, 2_704], 64), ("ucmerced", 16, 21, [1_310, 339], 256),
    ("cifar10", 4, 10, [7_600, 1_900], 32),
  ]

  @Test(
    .enabled(if: TestPaths.shared != nil, "the shared data are not beside the checkout"),
    arguments: sets)
  func `every image is read, and mapped the second time`(
    name: String, zoom: Int, classes: Int, counts: [Int], side: Int
  ) throws {
    let url = try #require(TestPaths.shared).appending(path: "data/\(name).tar")
    let cache = try TemporaryFolder()
    let options = DataOptions(cache: cache.url)
    for expectsDecoding in [true, false] {
      var decoded = 0
      let start = ContinuousClock.now
      let chips = try LabelledChips(contentsOf: url, zoom: zoom, options: options) { done, _ in
        decoded = done
        return true
      }
      print("\(name): \(ContinuousClock.now - start), \(decoded) decoded")
      #expect(chips.unreadable.isEmpty && chips.cacheWarning == nil)
      #expect(chips.count == counts[0] + counts[1] && chips.classes.count == classes)
      #expect(chips.indices(of: .val).count == counts[1])
      #expect(chips.side == side && chips.bandCount == 3)
      #expect(decoded == (expectsDecoding ? chips.count : 0))
    }
  }
}
