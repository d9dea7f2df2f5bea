// SPDX-License-Identifier: Apache-2.0

/// The light that a place sends in the red, green, blue and near infrared bands, 0 to 255.
typealias Light = SIMD4<Float>

/// One parcel of a block of fields: what grows there, and how it looks.
struct Parcel {
  /// What grows there.
  let cover: LandCover
  /// Its colour.
  let light: Light
  /// Whether rows run along the block's direction rather than across it.
  private let runsAlong: Bool
  private let block: Int
  private let strip: Int
  private let place: Int

  /// Annual crops from ploughed and sown soil to green, flowering and ripe ones, and stubble.
  private static let annual: [Light] = [
    Light(104, 84, 68, 92), Light(134, 112, 90, 118), Light(112, 116, 78, 140),
    Light(74, 104, 52, 190), Light(56, 92, 46, 205), Light(168, 160, 66, 188),
    Light(172, 150, 100, 150), Light(150, 128, 92, 128),
  ]
  private static let pasture: [Light] = [
    Light(92, 118, 66, 176), Light(104, 124, 72, 168), Light(84, 112, 62, 186),
    Light(118, 128, 82, 158),
  ]
  private static let permanent: [Light] = [
    Light(112, 104, 72, 138), Light(124, 110, 78, 132), Light(98, 100, 64, 146),
    Light(134, 118, 88, 128),
  ]

  /// The parcel of a position, or `last` where the position is still in it.
  static func at(
    _ position: FieldBlocks.Position, of block: FieldBlocks.Block, last: Parcel?,
    noise: GroundNoise
  ) -> (parcel: Parcel, edgeMetres: Float) {
    let strip = Int((position.across / block.stripMetres).rounded(.down))
    let stripBits = noise.bits(strip, Int(truncatingIfNeeded: block.bits), .strip)
    let width = 110 + 330 * stripBits.share(at: 0)
    let place = Int((position.along / width + stripBits.share(at: 24)).rounded(.down))
    let intoStrip = position.across - Float(strip) * block.stripMetres
    let intoPlace = position.along - (Float(place) - stripBits.share(at: 24)) * width
    let edge = min(
      min(intoStrip, block.stripMetres - intoStrip), min(intoPlace, width - intoPlace))
    if let last, last.block == position.block, last.strip == strip, last.place == place {
      return (last, edge)
    }
    return (Parcel(position.block, strip, place, block, stripBits, noise), edge)
  }

  private init(
    _ index: Int, _ strip: Int, _ place: Int, _ block: FieldBlocks.Block, _ stripBits: UInt64,
    _ noise: GroundNoise
  ) {
    (self.block, self.strip, self.place) = (index, strip, place)
    let bits = noise.bits(place, Int(truncatingIfNeeded: stripBits), .parcel)
    let kind = bits.share(at: 0)
    let crops: [LandCover] = [.annualCrop, .pasture, .permanentCrop]
    cover = kind < 0.82 ? block.crop : crops[Int((kind - 0.82) * 16.6)]
    runsAlong = bits & 3 != 0
    let palette =
      switch cover {
      case .pasture: Self.pasture
      case .permanentCrop: Self.permanent
      default: Self.annual
      }
    let colour = palette[Int(bits.share(at: 20) * Float(palette.count))]
    light = colour * (0.9 + 0.2 * bits.share(at: 40))
  }

  /// How much brighter than its colour the parcel is at a position: furrows, rows of trees, tufts.
  ///
  /// - Parameters:
  ///   - detail: noise of a few pixels' size, -1 to 1.
  ///   - pixelSize: rows closer than two and a half pixels are not seen.
  @inline(__always)
  func texture(_ position: FieldBlocks.Position, detail: Float, pixelSize: Float) -> Float {
    func wave(_ metres: Float, _ period: Float) -> Float {
      let turns = metres / period
      return 4 * abs(turns - turns.rounded(.down) - 0.5) - 1
    }
    let (rowwise, across) =
      runsAlong ? (position.across, position.along) : (position.along, position.across)
    switch cover {
    case .annualCrop:
      let period: Float = pixelSize < 2 ? 6 : 36
      return 1 + 0.03 * detail + (pixelSize * 2.5 <= period ? 0.045 * wave(rowwise, period) : 0)
    case .permanentCrop:
      let period: Float = pixelSize < 2 ? 7 : 48
      guard pixelSize * 2.5 <= period else { return 1 + 0.06 * detail }
      return 1 - 0.17 * wave(rowwise, period) * (0.7 + 0.3 * wave(across, period)) + 0.05 * detail
    default:
      return 1 + 0.05 * detail
    }
  }
}
