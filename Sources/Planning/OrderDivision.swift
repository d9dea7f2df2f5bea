// SPDX-License-Identifier: Apache-2.0

import Acquisition

/// Divides rectangles among orders where the box around an order is what counts: near ones go
/// together when that is cheaper (one fee, one minimum charge), far ones do not (a box full of ground
/// that nobody wants).
///
/// Greedy: along a Z-shaped curve over the ground each rectangle joins the order, among the nearest
/// few, with which it saves most; then the orders themselves are treated so until nothing is saved.
/// An exact answer is a partition problem with no fast solution; this one takes time in proportion
/// to the number of rectangles.
struct OrderDivision {
  /// How many orders a newcomer is compared with.
  private static let nearCount = 8
  /// Up to so many orders, each is compared with all.
  private static let fewCount = 64

  private struct Group {
    var extent: PatchExtent
    var members: [Int]
    var cost: Int128
  }

  let merger: OrderMerger
  let rule: PriceRule
  let grid: ChipGrid

  /// The places of the rectangles of each order.
  func groups(_ rectangles: [PatchRectangle]) -> [[Int]] {
    var groups = curve(rectangles).map { place in
      let extent = PatchExtent(rectangles[place])
      return Group(extent: extent, members: [place], cost: cost(extent))
    }
    while true {
      let joined = joined(groups)
      if joined.count == groups.count { break }
      groups = joined
    }
    return groups.map { $0.members.sorted() }.sorted { $0[0] < $1[0] }
  }

  private func joined(_ groups: [Group]) -> [Group] {
    let width = groups.count <= Self.fewCount ? Self.fewCount : Self.nearCount
    var joined: [Group] = []
    joined.reserveCapacity(groups.count)
    for group in groups {
      var best: (place: Int, extent: PatchExtent, cost: Int128, saving: Int128)?
      for place in joined.indices.suffix(width).reversed() {
        let extent = joined[place].extent.united(with: group.extent)
        guard extent.itemCount <= merger.largestItemCount,
          extent.patchCount <= merger.largestPatchCount
        else { continue }
        let cost = cost(extent)
        let saving = joined[place].cost + group.cost - cost
        if saving >= 0, saving > best?.saving ?? -1 { best = (place, extent, cost, saving) }
      }
      if let best {
        joined[best.place].extent = best.extent
        joined[best.place].cost = best.cost
        joined[best.place].members += group.members
      } else {
        joined.append(group)
      }
    }
    return joined
  }

  /// The list price; beyond all others where the vendor does not sell it.
  private func cost(_ extent: PatchExtent) -> Int128 {
    // Why it is not sold is said when the whole is priced.
    let price = try? rule.price(of: OrderQuantity(extent, on: grid))
    return price.map { Int128($0.total.minorUnits) } ?? 1 << 80
  }

  /// The places of the rectangles along Morton's curve: what is near on it is near on the ground.
  private func curve(_ rectangles: [PatchRectangle]) -> [Int] {
    let west = rectangles.map(\.column).min() ?? 0
    let north = rectangles.map(\.row).min() ?? 0
    let codes = rectangles.map { rectangle in
      Self.spread(rectangle.column - west) | Self.spread(rectangle.row - north) << 1
    }
    return rectangles.indices.sorted { (codes[$0], $0) < (codes[$1], $1) }
  }

  /// The lower 32 bits, a zero between each two.
  private static func spread(_ value: Int) -> UInt64 {
    var bits = UInt64(truncatingIfNeeded: value) & 0xFFFF_FFFF
    bits = (bits | bits << 16) & 0x0000_FFFF_0000_FFFF
    bits = (bits | bits << 8) & 0x00FF_00FF_00FF_00FF
    bits = (bits | bits << 4) & 0x0F0F_0F0F_0F0F_0F0F
    bits = (bits | bits << 2) & 0x3333_3333_3333_3333
    return (bits | bits << 1) & 0x5555_5555_5555_5555
  }
}
