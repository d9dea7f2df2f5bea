// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// Turns single patches into few rectangles, and rectangles into orders.
///
/// The rectangles are disjoint and cover exactly the given patches; the same patches give the same
/// rectangles, in the same order.
public struct OrderMerger: Hashable, Sendable {
  /// How many items an order may have.
  public let largestItemCount: Int
  /// How many patches a rectangle may have along one side, so that one file stays small.
  public let largestSide: Int
  /// How many patches an order may have.
  public let largestPatchCount: Int

  /// Creates a merger; a rectangle of the largest side fits into an order.
  public init(
    largestItemCount: Int = 100, largestSide: Int = 64, largestPatchCount: Int = 16_384
  ) {
    precondition(largestItemCount >= 1 && largestSide >= 1, "limits are at least 1")
    precondition(largestPatchCount >= largestSide * largestSide, "the largest item can be ordered")
    self.largestItemCount = largestItemCount
    self.largestSide = largestSide
    self.largestPatchCount = largestPatchCount
  }

  /// The orders for some patches, in any order: as few as the limits allow.
  public func orders(
    for patches: some Sequence<PatchPosition>, of product: ProductID, on grid: ChipGrid
  ) -> [OrderDraft] {
    let rectangles = rectangles(covering: patches)
    return filled(rectangles).map {
      OrderDraft(product: product, grid: grid, rectangles: Array(rectangles[$0]))
    }
  }

  /// The orders for some patches under a price rule: as few as the limits allow, or more where the
  /// rule makes several smaller ones cheaper, as it does when boxes are billed.
  ///
  /// Touching patches are in one order wherever that costs no more.
  public func orders(
    for patches: some Sequence<PatchPosition>, of product: ProductID, on grid: ChipGrid,
    under rule: PriceRule
  ) -> [OrderDraft] {
    let few = orders(for: patches, of: product, on: grid)
    guard !rule.favoursLargeOrders, !few.isEmpty else { return few }
    let rectangles = few.flatMap(\.rectangles)
    let rule = rule.withoutPacks
    let divided = OrderDivision(merger: self, rule: rule, grid: grid).groups(rectangles).map {
      OrderDraft(product: product, grid: grid, rectangles: $0.map { rectangles[$0] })
    }
    // Where one of the two is not sold, the other may be.
    func cost(_ orders: [OrderDraft]) -> Int64? {
      try? orders.reduce(0) { $0 + (try rule.price(of: $1).minorUnits) }
    }
    guard let dividedCost = cost(divided) else { return few }
    return cost(few).map { $0 <= dividedCost } == true ? few : divided
  }

  /// Ranges of consecutive rectangles, each as long as the limits allow.
  private func filled(_ rectangles: [PatchRectangle]) -> [Range<Int>] {
    var orders: [Range<Int>] = []
    var (start, patchCount) = (0, 0)
    for (place, rectangle) in rectangles.enumerated() {
      if place - start == largestItemCount
        || patchCount + rectangle.patchCount > largestPatchCount
      {
        orders.append(start..<place)
        (start, patchCount) = (place, 0)
      }
      patchCount += rectangle.patchCount
    }
    if start < rectangles.count { orders.append(start..<rectangles.count) }
    return orders
  }

  /// Maximal runs along each row, then runs of the same columns in adjacent rows made one; by row,
  /// then by column, of the north-west patch.
  public func rectangles(covering patches: some Sequence<PatchPosition>) -> [PatchRectangle] {
    // The rectangles that end in the row before, by their first column.
    var growing: [Int: PatchRectangle] = [:]
    var finished: [PatchRectangle] = []
    var lastRow: Int?
    for run in runs(of: patches) {
      if let last = lastRow, run.row != last {
        finished += growing.values.filter { $0.row + $0.rowCount < run.row }
        growing = growing.filter { $0.value.row + $0.value.rowCount >= run.row }
      }
      lastRow = run.row
      if let above = growing[run.column], above.row + above.rowCount == run.row {
        if above.columnCount == run.columnCount, above.rowCount < largestSide {
          growing[run.column] = PatchRectangle(
            column: run.column, row: above.row, columnCount: run.columnCount,
            rowCount: above.rowCount + 1)
          continue
        }
        finished.append(above)
      }
      growing[run.column] = run
    }
    finished += growing.values
    return finished.sorted { ($0.row, $0.column) < ($1.row, $1.column) }
  }

  /// Maximal runs of adjacent patches in a row, each one row high.
  ///
  /// Sorting what is in order already takes no more than a look at it.
  private func runs(of patches: some Sequence<PatchPosition>) -> [PatchRectangle] {
    var runs: [PatchRectangle] = []
    var previous: PatchPosition?
    for patch in patches.sorted() where patch != previous {
      previous = patch
      if let last = runs.last, last.row == patch.row,
        last.column + last.columnCount == patch.column, last.columnCount < largestSide
      {
        runs[runs.count - 1] = PatchRectangle(
          column: last.column, row: last.row, columnCount: last.columnCount + 1, rowCount: 1)
      } else {
        runs.append(
          PatchRectangle(column: patch.column, row: patch.row, columnCount: 1, rowCount: 1))
      }
    }
    return runs
  }
}
