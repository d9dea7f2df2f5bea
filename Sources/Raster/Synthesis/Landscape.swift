// SPDX-License-Identifier: Apache-2.0

/// A procedural landscape: lakes and rivers, forest, meadows, fields in parcels, towns and roads.
///
/// What is at a place follows from the seed and the place alone, so any rectangle can be painted by
/// itself and fits its neighbours. Distances are metres on the ground from the north-west corner: a
/// road is as wide at 1 m a pixel as at 10 m.
struct Landscape: Sendable {
  let noise: GroundNoise
  /// The side of a pixel in metres.
  let pixelSize: Double

  init(seed: UInt64, pixelSize: Double) {
    noise = GroundNoise(seed: seed)
    self.pixelSize = pixelSize
  }

  /// A painted rectangle.
  struct Painting {
    /// Red, green, blue and near infrared, a pixel after the other, row by row.
    var lights: [SIMD4<UInt8>]
    /// The `LandCover` of each pixel, row by row.
    var covers: [UInt8]
  }

  /// Paints the pixels of `rect`, counted from the landscape's corner.
  func paint(_ rect: PixelRect) -> Painting {
    let terrain = Terrain(noise, rect: rect, pixelSize: pixelSize)
    let blocks = FieldBlocks(noise, rect: rect, pixelSize: pixelSize)
    let detail = DetailNoise(noise, rect: rect)
    var roads = [UInt8](repeating: RoadSurface.none, count: rect.width * rect.height)
    RoadNetwork.roads.paint(
      RoadSurface.road, into: &roads, rect: rect, pixelSize: pixelSize, noise: noise)
    RoadNetwork.highways.paint(
      RoadSurface.highway, into: &roads, rect: rect, pixelSize: pixelSize, noise: noise)
    var painting = Painting(lights: [], covers: [])
    painting.lights.reserveCapacity(roads.count)
    painting.covers.reserveCapacity(roads.count)
    var places = [Terrain.Place](repeating: Terrain.Place(values: .zero), count: rect.width)
    var details = [Float](repeating: 0, count: rect.width)
    var brush = Brush(noise: noise, blocks: blocks, pixelSize: Float(pixelSize))
    for row in 0..<rect.height {
      terrain.fill(&places, row: row)
      detail.fill(&details, row: row)
      let y = (Float(row) + 0.5) * Float(pixelSize)
      for column in 0..<rect.width {
        let (cover, light) = brush.paint(
          x: (Float(column) + 0.5) * Float(pixelSize), y: y, places[column],
          detail: details[column], road: roads[row * rect.width + column])
        let grain = noise.bits(rect.column + column, rect.row + row, .grain)
        let noisy = (light * (1 + places[column].relief * 0.12) + (grain.share(at: 8) - 0.5) * 9)
          .clamped(lowerBound: .zero, upperBound: .full)
        painting.lights.append(
          SIMD4(UInt8(noisy.x), UInt8(noisy.y), UInt8(noisy.z), UInt8(noisy.w)))
        painting.covers.append(cover.rawValue)
      }
    }
    return painting
  }
}

extension Light {
  fileprivate static let full = Light(repeating: 255)
}

/// What a road's mask holds.
enum RoadSurface {
  static let none: UInt8 = 0
  static let road: UInt8 = 1
  static let highway: UInt8 = 2
}

/// Noise of a few pixels' size, -1 to 1: random at every third pixel, interpolated between.
private struct DetailNoise {
  private static let step = 3

  private let rect: PixelRect
  private let columns: Int
  private let nodes: [Float]

  init(_ noise: GroundNoise, rect: PixelRect) {
    self.rect = rect
    let (firstColumn, firstRow) = (rect.column / Self.step, rect.row / Self.step)
    let columns = (rect.column + rect.width - 1) / Self.step + 2 - firstColumn
    let rows = (rect.row + rect.height - 1) / Self.step + 2 - firstRow
    self.columns = columns
    nodes = (0..<rows).flatMap { row in
      (0..<columns).map { column in
        noise.bits(firstColumn + column, firstRow + row, .detail).share(at: 0) * 2 - 1
      }
    }
  }

  func fill(_ values: inout [Float], row: Int) {
    let y = rect.row + row
    let above = (y / Self.step - rect.row / Self.step) * columns
    let down = Float(y % Self.step) / Float(Self.step)
    let firstNode = rect.column / Self.step
    for column in 0..<rect.width {
      let x = rect.column + column
      let node = above + x / Self.step - firstNode
      let across = Float(x % Self.step) / Float(Self.step)
      let north = nodes[node] + (nodes[node + 1] - nodes[node]) * across
      let (west, east) = (nodes[node + columns], nodes[node + columns + 1])
      values[column] = north + (west + (east - west) * across - north) * down
    }
  }
}
