// SPDX-License-Identifier: Apache-2.0

/// Streets, houses and gardens; halls and yards.
enum Townscape {
  private static let street = Light(128, 124, 122, 110)
  private static let gardens: [Light] = [
    Light(84, 104, 64, 160), Light(98, 110, 76, 150), Light(70, 92, 56, 165),
    Light(116, 114, 92, 138),
  ]
  private static let roofs: [Light] = [
    Light(168, 104, 82, 120), Light(150, 92, 76, 112), Light(182, 122, 98, 128),
    Light(136, 128, 124, 118), Light(112, 104, 102, 104), Light(196, 182, 170, 150),
  ]
  private static let yards: [Light] = [
    Light(142, 138, 132, 124), Light(122, 120, 118, 112), Light(160, 152, 140, 136),
  ]
  private static let halls: [Light] = [
    Light(214, 214, 212, 190), Light(186, 194, 204, 170), Light(232, 230, 226, 205),
    Light(156, 166, 184, 146), Light(196, 170, 150, 150), Light(128, 128, 132, 120),
  ]

  /// Houses with gardens along streets.
  ///
  /// - Parameter detail: noise of a few pixels' size, -1 to 1.
  static func homes(
    _ position: FieldBlocks.Position, _ block: FieldBlocks.Block, detail: Float,
    noise: GroundNoise
  ) -> Light {
    let quarter = (along: remainder(position.along, 138), across: remainder(position.across, 86))
    if quarter.along < 11 || quarter.across < 11 { return street * (1 + 0.05 * detail) }
    let bits = lot(position, block, width: 27, depth: 38, noise)
    let place = (along: remainder(position.along, 27), across: remainder(position.across, 38))
    let isRoof = (4..<23).contains(place.along) && (6..<24).contains(place.across)
    if isRoof, bits.share(at: 0) < 0.78 { return pick(roofs, bits) * (1 + 0.04 * detail) }
    return pick(gardens, bits) * (1 + 0.14 * detail)
  }

  /// Halls on paved yards.
  ///
  /// - Parameter detail: noise of a few pixels' size, -1 to 1.
  static func factories(
    _ position: FieldBlocks.Position, _ block: FieldBlocks.Block, detail: Float,
    noise: GroundNoise
  ) -> Light {
    let (width, depth): (Float, Float) = (118, 92)
    let bits = lot(position, block, width: width, depth: depth, noise)
    let place = (along: remainder(position.along, width), across: remainder(position.across, depth))
    let end = width * (0.55 + 0.38 * bits.share(at: 8))
    let side = depth * (0.5 + 0.38 * bits.share(at: 32))
    if (14..<end).contains(place.along), (14..<side).contains(place.across),
      bits.share(at: 0) < 0.86
    {
      return pick(halls, bits)
    }
    if bits.share(at: 0) > 0.93 { return pick(gardens, bits) * (1 + 0.1 * detail) }
    return pick(yards, bits) * (1 + 0.06 * detail)
  }

  @inline(__always)
  private static func remainder(_ metres: Float, _ period: Float) -> Float {
    metres - (metres / period).rounded(.down) * period
  }

  @inline(__always)
  private static func lot(
    _ position: FieldBlocks.Position, _ block: FieldBlocks.Block, width: Float, depth: Float,
    _ noise: GroundNoise
  ) -> UInt64 {
    let column = Int((position.along / width).rounded(.down))
    let row = Int((position.across / depth).rounded(.down))
    return noise.bits(column &+ Int(truncatingIfNeeded: block.bits >> 20), row, .lot)
  }

  @inline(__always)
  private static func pick(_ lights: [Light], _ bits: UInt64) -> Light {
    lights[Int(bits.share(at: 40) * Float(lights.count))]
  }
}
