// SPDX-License-Identifier: Apache-2.0

/// The land divided into blocks around scattered points, as villages once divided theirs: within a
/// block, parcels, streets and rows of crops run in one direction.
struct FieldBlocks {
  /// The mean distance between blocks, in metres.
  private static let spacingMetres = 1_150.0

  /// A block, at its centre's place in metres from the north-west corner of the rectangle.
  struct Block {
    let x: Float
    let y: Float
    let cosine: Float
    let sine: Float
    /// What most of its parcels grow.
    let crop: LandCover
    /// The width of its strips of parcels, in metres.
    let stripMetres: Float
    /// Whether hedges stand between its parcels.
    let hasHedges: Bool
    /// The block's own randomness.
    let bits: UInt64
  }

  /// Where a place is in its block.
  struct Position {
    /// Metres along the block's direction.
    var along: Float
    /// Metres across it.
    var across: Float
    /// Metres to the nearest edge of the block.
    var edge: Float
    /// The index of the block.
    var block: Int
  }

  let blocks: [Block]
  private let columns: Int
  private let originX: Float
  private let originY: Float

  init(_ noise: GroundNoise, rect: PixelRect, pixelSize: Double) {
    let spacing = Self.spacingMetres
    let (west, north) = (Double(rect.column) * pixelSize, Double(rect.row) * pixelSize)
    func cells(_ from: Double, _ pixels: Int) -> Range<Int> {
      let last = from + Double(pixels) * pixelSize
      return Int((from / spacing).rounded(.down)) - 1..<Int((last / spacing).rounded(.down)) + 2
    }
    let (columnCells, rowCells) = (cells(west, rect.width), cells(north, rect.height))
    columns = columnCells.count
    originX = Float(Double(columnCells.lowerBound) * spacing - west)
    originY = Float(Double(rowCells.lowerBound) * spacing - north)
    blocks = rowCells.flatMap { row in
      columnCells.map { column in
        let bits = noise.bits(column, row, .block)
        let shape = noise.bits(column, row, .strip)
        let slope = shape.share(at: 0) * 2 - 1
        let length = (1 + slope * slope).squareRoot()
        let kind = shape.share(at: 20)
        return Block(
          x: Float((Double(column) + 0.12 + 0.76 * Double(bits.share(at: 0))) * spacing - west),
          y: Float((Double(row) + 0.12 + 0.76 * Double(bits.share(at: 24))) * spacing - north),
          cosine: 1 / length, sine: slope / length,
          crop: kind < 0.55 ? .annualCrop : kind < 0.8 ? .pasture : .permanentCrop,
          stripMetres: 150 + 190 * shape.share(at: 40), hasHedges: shape & 3 == 0, bits: bits)
      }
    }
  }

  /// The block of a place, in metres from the rectangle's north-west corner.
  ///
  /// The two nearest centres are among the nine cells around; their middle line is the edge.
  @inline(__always)
  func position(x: Float, y: Float) -> Position {
    let spacing = Float(Self.spacingMetres)
    let column = Int((x - originX) / spacing)
    let row = Int((y - originY) / spacing)
    var (first, second) = (0, 0)
    var (nearest, next) = (Float.infinity, Float.infinity)
    blocks.withUnsafeBufferPointer { blocks in
      for line in row - 1...row + 1 {
        for index in line * columns + column - 1...line * columns + column + 1 {
          let (dx, dy) = (x - blocks[index].x, y - blocks[index].y)
          let distance = dx * dx + dy * dy
          if distance < nearest {
            (second, next) = (first, nearest)
            (first, nearest) = (index, distance)
          } else if distance < next {
            (second, next) = (index, distance)
          }
        }
      }
    }
    let (block, other) = (blocks[first], blocks[second])
    let (dx, dy) = (x - block.x, y - block.y)
    let (apartX, apartY) = (other.x - block.x, other.y - block.y)
    let apart = (apartX * apartX + apartY * apartY).squareRoot()
    return Position(
      along: dx * block.cosine + dy * block.sine, across: dy * block.cosine - dx * block.sine,
      edge: (next - nearest) / (2 * apart), block: first)
  }
}
