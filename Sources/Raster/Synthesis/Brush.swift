// SPDX-License-Identifier: Apache-2.0

/// Decides what covers a place of a landscape and how it looks.
struct Brush {
  let noise: GroundNoise
  let blocks: FieldBlocks
  let pixelSize: Float
  /// The parcel of the last place in the fields: the next is most often in the same.
  private var parcel: Parcel?

  init(noise: GroundNoise, blocks: FieldBlocks, pixelSize: Float) {
    self.noise = noise
    self.blocks = blocks
    self.pixelSize = pixelSize
  }

  private static let lakeLevel: Float = -0.36
  private static let forestEdge: Float = 0.13
  private static let meadowEdge: Float = 0.045

  private static let deepWater = Light(22, 44, 62, 18)
  private static let shallowWater = Light(44, 74, 84, 30)
  private static let riverWater = Light(52, 78, 82, 34)
  private static let reeds = Light(92, 104, 70, 140)
  private static let asphalt = Light(134, 132, 132, 118)
  private static let lane = Light(158, 156, 154, 134)
  private static let track = Light(158, 146, 122, 138)
  private static let hedge = Light(46, 70, 42, 150)
  private static let leafyForest = Light(46, 76, 40, 182)
  private static let needleForest = Light(28, 54, 36, 138)
  private static let dryMeadow = Light(132, 124, 88, 142)
  private static let lushMeadow = Light(86, 106, 62, 166)

  /// The cover and the light of a place.
  ///
  /// - Parameters:
  ///   - x: metres from the rectangle's north-west corner, as `y`.
  ///   - detail: noise of a few pixels' size, -1 to 1.
  ///   - road: a `RoadSurface`.
  mutating func paint(
    x: Float, y: Float, _ place: Terrain.Place, detail: Float, road: UInt8
  ) -> (LandCover, Light) {
    if road == RoadSurface.highway { return (.highway, Self.lane * (1 + 0.05 * detail)) }
    if place.height < Self.lakeLevel {
      let depth = min(1, (Self.lakeLevel - place.height) * 9)
      return (
        .seaLake, Self.shallowWater + (Self.deepWater - Self.shallowWater) * depth + 2 * detail
      )
    }
    let bank = Self.bank(place)
    if bank < 0 {
      return (.river, Self.riverWater + (Self.deepWater - Self.riverWater) * 0.3 + 3 * detail)
    }
    if road == RoadSurface.road { return (.highway, Self.asphalt * (1 + 0.05 * detail)) }
    if bank < 14 + 16 * detail || place.height < Self.lakeLevel + 0.012 {
      return (.herbaceousVegetation, Self.reeds * (1 + 0.2 * detail))
    }
    if place.town > 0.05 * detail { return town(x, y, place, detail) }
    let trees = place.forest + 0.018 * detail
    if trees > Self.forestEdge { return (.forest, Self.forest(place, detail)) }
    if trees > Self.meadowEdge { return (.herbaceousVegetation, Self.meadow(place, trees, detail)) }
    return field(x, y, place, detail)
  }

  /// Metres to the bank of the nearest river or stream, negative on the water.
  private static func bank(_ place: Terrain.Place) -> Float {
    // A river is wider in the lowlands.
    let halfRiver = max(26, 68 - 130 * place.height)
    return min(place.river - halfRiver, place.stream - 13)
  }

  private func town(
    _ x: Float, _ y: Float, _ place: Terrain.Place, _ detail: Float
  ) -> (LandCover, Light) {
    let position = blocks.position(x: x, y: y)
    let block = blocks.blocks[position.block]
    if place.industry > 0 {
      return (.industrial, Townscape.factories(position, block, detail: detail, noise: noise))
    }
    return (.residential, Townscape.homes(position, block, detail: detail, noise: noise))
  }

  private static func forest(_ place: Terrain.Place, _ detail: Float) -> Light {
    let share = min(1, max(0, 0.5 + 1.6 * place.tone + 0.1 * detail))
    let light = needleForest + (leafyForest - needleForest) * share
    return light * (1 + 0.17 * detail)
  }

  private static func meadow(
    _ place: Terrain.Place, _ trees: Float, _ detail: Float
  ) -> Light {
    // Single bushes, denser towards the forest.
    let density = (trees - meadowEdge) / (forestEdge - meadowEdge)
    if detail > 0.85 - 0.6 * density { return hedge * (1.15 + 0.1 * detail) }
    let share = min(1, max(0, 0.5 + 1.4 * place.tone))
    return (dryMeadow + (lushMeadow - dryMeadow) * share) * (1 + 0.1 * detail)
  }

  private mutating func field(
    _ x: Float, _ y: Float, _ place: Terrain.Place, _ detail: Float
  ) -> (LandCover, Light) {
    let position = blocks.position(x: x, y: y)
    let block = blocks.blocks[position.block]
    let (parcel, edge) = Parcel.at(position, of: block, last: parcel, noise: noise)
    self.parcel = parcel
    // A line is at least as wide as a pixel, or it would break up.
    if position.edge < max(3.5, 0.5 * pixelSize) { return (parcel.cover, Self.track) }
    if edge < max(2.5, 0.45 * pixelSize) {
      return (parcel.cover, block.hasHedges ? Self.hedge : parcel.light * 0.86)
    }
    let tone = 1 + 0.12 * place.tone
    let texture = parcel.texture(position, detail: detail, pixelSize: pixelSize)
    return (parcel.cover, parcel.light * (tone * texture))
  }
}
