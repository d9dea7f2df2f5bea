// SPDX-License-Identifier: Apache-2.0

/// The broad features of a landscape over a rectangle of pixels: computed at every eighth pixel and
/// interpolated between, because none of them changes faster.
struct Terrain {
  /// Pixels between two nodes.
  private static let step = 8

  /// The features of one place.
  struct Place {
    /// Height, forest, tone, town, industry, river, stream, relief.
    var values: SIMD8<Float>

    /// Lakes lie where it is low.
    var height: Float { values[0] }
    /// Forests stand where it is high.
    var forest: Float { values[1] }
    /// Lush where it is high, dry where it is low.
    var tone: Float { values[2] }
    /// Above 0 in a town.
    var town: Float { values[3] }
    /// Above 0 where a town has its factories.
    var industry: Float { values[4] }
    /// The distance from a river's middle, in metres.
    var river: Float { abs(values[5]) }
    /// The distance from a stream's middle, in metres.
    var stream: Float { abs(values[6]) }
    /// The light on a slope: above 0 where it faces the sun.
    var relief: Float { values[7] }
  }

  private let rect: PixelRect
  private let columns: Int
  private let nodes: [SIMD8<Float>]

  /// Computes the nodes of `rect`, whose pixels have a side of `pixelSize` metres.
  init(_ noise: GroundNoise, rect: PixelRect, pixelSize: Double) {
    self.rect = rect
    let step = Double(Self.step) * pixelSize
    let (firstColumn, firstRow) = (rect.column / Self.step, rect.row / Self.step)
    let columns = (rect.column + rect.width - 1) / Self.step + 2 - firstColumn
    let rows = (rect.row + rect.height - 1) / Self.step + 2 - firstRow
    let towns = Towns(
      noise, west: Double(firstColumn) * step, north: Double(firstRow) * step,
      width: Double(columns) * step, height: Double(rows) * step)
    var nodes: [SIMD8<Float>] = []
    nodes.reserveCapacity(columns * rows)
    for row in firstRow..<firstRow + rows {
      for column in firstColumn..<firstColumn + columns {
        let (x, y) = (Double(column) * step, Double(row) * step)
        let height = noise.rough(x, y, wavelength: 11_000, octaves: 5, .height)
        let hills = noise.rough(x, y, wavelength: 2_600, octaves: 3, .relief)
        let sunward = noise.rough(x - 60, y - 60, wavelength: 2_600, octaves: 3, .relief)
        let town = towns.presence(x, y)
        nodes.append(
          SIMD8(
            height, noise.rough(x, y, wavelength: 6_500, octaves: 6, .forest),
            noise.rough(x, y, wavelength: 3_800, octaves: 4, .tone), town.homes, town.factories,
            Self.distance(x, y, .riverBend, noise), Self.distance(x, y, .streamBend, noise),
            (hills - sunward) * 6))
      }
    }
    self.columns = columns
    self.nodes = nodes
  }

  /// The distance from the nearest watercourse of a family that runs across the land side by side,
  /// negative on one side.
  ///
  /// A watercourse is where a wave on a bent slope passes through zero; its height over the slope
  /// is the distance, near enough. It has a side, so that what is thin survives interpolation.
  private static func distance(
    _ x: Double, _ y: Double, _ layer: GroundNoise.Layer, _ noise: GroundNoise
  ) -> Float {
    let isRiver = layer == .riverBend
    // A wave passes through zero twice.
    let spacing = isRiver ? 21_000.0 : 8_300
    let period = 2 * spacing
    let (eastward, southward) = isRiver ? (0.45, 0.893) : (0.8, -0.6)
    func surface(_ x: Double, _ y: Double) -> Double {
      let bend = noise.rough(x, y, wavelength: spacing * 0.55, octaves: 5, layer)
      return (x * eastward + y * southward) / period + Double(bend) * 0.21 + 0.37
    }
    let here = surface(x, y)
    let (slopeX, slopeY) = ((surface(x + 40, y) - here) / 40, (surface(x, y + 40) - here) / 40)
    let slope = max((slopeX * slopeX + slopeY * slopeY).squareRoot(), 0.25 / period)
    let wave = abs(here - here.rounded(.down) - 0.5) - 0.25
    return Float(wave / slope)
  }

  /// The features of one row of pixels, from `rect`'s first column; `row` counts from its first.
  func fill(_ places: inout [Place], row: Int) {
    let y = rect.row + row
    let line = y / Self.step - rect.row / Self.step
    let down = Float(y % Self.step) / Float(Self.step)
    let (above, below) = (line * columns, (line + 1) * columns)
    let firstNode = rect.column / Self.step
    func between(_ column: Int) -> SIMD8<Float> {
      nodes[above + column] + (nodes[below + column] - nodes[above + column]) * down
    }
    var node = 0
    var (left, right) = (between(0), between(1))
    for column in 0..<rect.width {
      let x = rect.column + column
      let nodeOfX = x / Self.step - firstNode
      if nodeOfX != node {
        node = nodeOfX
        (left, right) = (right, between(node + 1))
      }
      let across = Float(x % Self.step) / Float(Self.step)
      places[column].values = left + (right - left) * across
    }
  }
}

/// The towns near a rectangle of ground: discs of uneven outline, some with factories at one side.
private struct Towns {
  private static let spacingMetres = 6_200.0

  private struct Town {
    let x: Double
    let y: Double
    let radius: Double
    let factoryX: Double
    let factoryY: Double
    let factoryRadius: Double
  }

  private let noise: GroundNoise
  private let towns: [Town]

  init(_ noise: GroundNoise, west: Double, north: Double, width: Double, height: Double) {
    self.noise = noise
    // A town reaches at most half a cell beyond its own.
    func cells(_ from: Double, _ length: Double) -> ClosedRange<Int> {
      let spacing = Self.spacingMetres
      return Int((from / spacing).rounded(.down)) - 1...Int(
        ((from + length) / spacing).rounded(.down))
        + 1
    }
    towns = cells(north, height).flatMap { row in
      cells(west, width).compactMap { column -> Town? in
        let bits = noise.bits(column, row, .town)
        let shape = noise.bits(column, row, .industry)
        guard bits.share(at: 0) < 0.72 else { return nil }
        let size = Double(bits.share(at: 20))
        let radius = 420 + 1_500 * size * size
        let place = Towns.place(column, row, noise)
        let side = Towns.directions[Int(shape & 7)]
        return Town(
          x: place.x, y: place.y, radius: radius, factoryX: place.x + side.x * radius,
          factoryY: place.y + side.y * radius,
          factoryRadius: shape.share(at: 20) < 0.7 ? 260 + 0.5 * radius : 0)
      }
    }
  }

  private static let directions: [(x: Double, y: Double)] = [
    (1, 0), (0.7, 0.7), (0, 1), (-0.7, 0.7), (-1, 0), (-0.7, -0.7), (0, -1), (0.7, -0.7),
  ]

  private static func place(_ column: Int, _ row: Int, _ noise: GroundNoise) -> (
    x: Double, y: Double
  ) {
    RoadNetwork.roads.node(column, row, noise)
  }

  /// How far inside a town, and inside its factories, a place is: above 0 within.
  func presence(_ x: Double, _ y: Double) -> (homes: Float, factories: Float) {
    var (homes, factories) = (-1.0, -1.0)
    for town in towns {
      func inside(_ centreX: Double, _ centreY: Double, _ radius: Double) -> Double {
        let (dx, dy) = (x - centreX, y - centreY)
        return 1 - (dx * dx + dy * dy).squareRoot() / radius
      }
      homes = max(homes, inside(town.x, town.y, town.radius))
      if town.factoryRadius > 0 {
        factories = max(factories, inside(town.factoryX, town.factoryY, town.factoryRadius))
      }
    }
    // Far from every town no outline is needed.
    guard max(homes, factories) > -0.9 else { return (-1, -1) }
    let outline = Double(noise.rough(x, y, wavelength: 900, octaves: 4, .townOutline)) * 0.7
    return (Float(homes + outline), Float(factories + outline * 0.6))
  }
}
