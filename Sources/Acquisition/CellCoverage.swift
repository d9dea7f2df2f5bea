// SPDX-License-Identifier: Apache-2.0

/// How much of each square cell of a raster lies inside rings, exactly.
///
/// What lies right of an edge is inside or outside as the edge runs down or up. Each edge therefore
/// adds, in the rows that it crosses, the area to its right to the cells that it passes, and a whole
/// cell's share to all cells beyond: kept as the difference to the cell before, so that an edge costs
/// no more than the cells that it crosses, and a sum along each row gives the shares.
struct CellCoverage {
  /// A point in cells: x grows east from the first column, y south from the first row.
  typealias Point = (x: Double, y: Double)

  private let columnCount: Int
  private let rowCount: Int
  /// One difference a cell and two beyond each row's end, where an edge on the last border adds.
  private var differences: [Double]
  private var rowLength: Int { columnCount + 2 }

  init(columnCount: Int, rowCount: Int) {
    self.columnCount = columnCount
    self.rowCount = rowCount
    differences = Array(repeating: 0, count: (columnCount + 2) * rowCount)
  }

  /// Adds a closed ring, all of whose points lie within the raster.
  ///
  /// - Parameter weight: 1 for an outline, -1 for a hole, whichever way round the ring runs.
  mutating func add(_ ring: [Point], weight: Double) {
    let edges = zip(ring, ring.dropFirst())
    guard let first = ring.first else { return }
    let doubleArea = edges.reduce(0.0) { sum, edge in
      sum + (edge.0.x - first.x) * (edge.1.y - first.y) - (edge.1.x - first.x)
        * (edge.0.y - first.y)
    }
    // With y to the south, a ring of positive area has its inside right of edges that run up.
    let sign = doubleArea < 0 ? weight : -weight
    for (start, end) in edges {
      if start.y < end.y {
        add(from: start, to: end, sign)
      } else {
        add(from: end, to: start, -sign)
      }
    }
  }

  /// Adds an edge that runs down, row by row.
  private mutating func add(from top: Point, to bottom: Point, _ sign: Double) {
    guard top.y < bottom.y else { return }
    let slope = (bottom.x - top.x) / (bottom.y - top.y)
    var (x, y) = (top.x, top.y)
    for row in Int(top.y)..<min(rowCount, Int(bottom.y.rounded(.up))) {
      let nextY = min(Double(row + 1), bottom.y)
      // The end itself, where it is reached: a rounded one may lie beyond the raster.
      let nextX = nextY == bottom.y ? bottom.x : top.x + slope * (nextY - top.y)
      add(row: row, from: min(x, nextX), to: max(x, nextX), sign * (nextY - y))
      (x, y) = (nextX, nextY)
    }
  }

  /// Adds a piece of an edge within one row; `height` is its share of the row, with its sign.
  private mutating func add(row: Int, from left: Double, to right: Double, _ height: Double) {
    /// The mean width of what lies between the piece and a border right of some of it.
    func width(to border: Double) -> Double {
      if border <= left { return 0 }
      if border >= right { return border - (left + right) / 2 }
      return (border - left) * (border - left) / (2 * (right - left))
    }
    let first = min(columnCount, max(0, Int(left.rounded(.down))))
    let last = min(columnCount, max(first, Int(right.rounded(.down))))
    let start = row * rowLength
    var before = 0.0
    for column in first...last {
      let share = height * (width(to: Double(column + 1)) - width(to: Double(column)))
      differences[start + column] += share - before
      before = share
    }
    differences[start + last + 1] += height - before
  }

  /// The cells of which more than a share lies inside, by row and column.
  func cells(over leastShare: Double) -> [(column: Int, row: Int)] {
    var cells: [(column: Int, row: Int)] = []
    for row in 0..<rowCount {
      var share = 0.0
      for column in 0..<columnCount {
        share += differences[row * rowLength + column]
        if share > leastShare { cells.append((column, row)) }
      }
    }
    return cells
  }
}
