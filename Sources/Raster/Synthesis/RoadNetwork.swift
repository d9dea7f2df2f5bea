// SPDX-License-Identifier: Apache-2.0

/// Roads between the nodes of an uneven lattice, each to its neighbours in the east and the south.
struct RoadNetwork: Sendable {
  /// Wide roads, far apart.
  static let highways = RoadNetwork(spacingMetres: 15_500, widthMetres: 42, layer: .highway)
  /// Narrow roads from town to town.
  static let roads = RoadNetwork(spacingMetres: 6_200, widthMetres: 13, layer: .road)

  /// The straight pieces of a road from node to node.
  private static let pieceCount = 24

  private let spacingMetres: Double
  private let widthMetres: Double
  private let layer: GroundNoise.Layer

  /// A node's place in metres: within the middle half of its cell.
  func node(_ column: Int, _ row: Int, _ noise: GroundNoise) -> (x: Double, y: Double) {
    let bits = noise.bits(column, row, layer)
    return (
      (Double(column) + 0.25 + 0.5 * Double(bits.share(at: 0))) * spacingMetres,
      (Double(row) + 0.25 + 0.5 * Double(bits.share(at: 24))) * spacingMetres
    )
  }

  /// Paints the network's pixels of `rect` with `value`.
  ///
  /// - Parameters:
  ///   - mask: `[height, width]` of `rect`.
  ///   - pixelSize: the side of a pixel in metres; no road is thinner.
  func paint(
    _ value: UInt8, into mask: inout [UInt8], rect: PixelRect, pixelSize: Double,
    noise: GroundNoise
  ) {
    let half = max(widthMetres, pixelSize) / 2
    func cells(_ first: Int, _ count: Int) -> ClosedRange<Int> {
      let west = Double(first) * pixelSize
      let east = Double(first + count) * pixelSize
      // A road leaves the cells of its two nodes by less than one cell.
      return Int((west / spacingMetres).rounded(.down)) - 2...Int(
        (east / spacingMetres).rounded(.down)) + 1
    }
    for row in cells(rect.row, rect.height) {
      for column in cells(rect.column, rect.width) {
        let here = node(column, row, noise)
        let bits = noise.bits(column, row, .lot)
        for (index, there) in [node(column + 1, row, noise), node(column, row + 1, noise)]
          .enumerated()
        {
          let bend = Double(bits.share(at: UInt64(index) * 24)) - 0.5
          let points = Self.curve(from: here, to: there, bend: bend)
          for (start, end) in zip(points, points.dropFirst()) {
            Self.paint(
              value, into: &mask, rect: rect,
              piece: (
                start.x / pixelSize, start.y / pixelSize, end.x / pixelSize, end.y / pixelSize
              ),
              halfWidth: half / pixelSize)
          }
        }
      }
    }
  }

  /// A parabola between two nodes, bent sideways by a share of their distance.
  private static func curve(
    from start: (x: Double, y: Double), to end: (x: Double, y: Double), bend: Double
  ) -> [(x: Double, y: Double)] {
    let (dx, dy) = (end.x - start.x, end.y - start.y)
    return (0...pieceCount).map { index in
      let t = Double(index) / Double(pieceCount)
      let aside = bend * 1.6 * t * (1 - t)
      return (start.x + dx * t - dy * aside, start.y + dy * t + dx * aside)
    }
  }

  /// Paints the pixels whose centre lies within half a width of a straight piece, in pixels.
  private static func paint(
    _ value: UInt8, into mask: inout [UInt8], rect: PixelRect,
    piece: (x0: Double, y0: Double, x1: Double, y1: Double), halfWidth: Double
  ) {
    let (x0, y0) = (piece.x0 - Double(rect.column), piece.y0 - Double(rect.row))
    let (x1, y1) = (piece.x1 - Double(rect.column), piece.y1 - Double(rect.row))
    let left = max(0, Int((min(x0, x1) - halfWidth).rounded(.down)))
    let right = min(rect.width - 1, Int((max(x0, x1) + halfWidth).rounded(.up)))
    let top = max(0, Int((min(y0, y1) - halfWidth).rounded(.down)))
    let bottom = min(rect.height - 1, Int((max(y0, y1) + halfWidth).rounded(.up)))
    guard left <= right, top <= bottom else { return }
    let (dx, dy) = (x1 - x0, y1 - y0)
    let length = max(dx * dx + dy * dy, 1e-9)
    for row in top...bottom {
      for column in left...right {
        let (px, py) = (Double(column) + 0.5 - x0, Double(row) + 0.5 - y0)
        let t = min(1, max(0, (px * dx + py * dy) / length))
        let (ex, ey) = (px - t * dx, py - t * dy)
        if ex * ex + ey * ey <= halfWidth * halfWidth { mask[row * rect.width + column] = value }
      }
    }
  }
}
