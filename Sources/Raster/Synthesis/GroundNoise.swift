// SPDX-License-Identifier: Apache-2.0

/// Repeatable noise over the plane: a seed and a place give the same value on every machine.
///
/// Gradient noise after Perlin, "Improving Noise" (2002), with hashed gradients of any direction.
struct GroundNoise: Sendable {
  /// What tells one layer's noise from another's at the same place.
  enum Layer: UInt64 {
    case height = 1
    case forest, tone, town, townOutline, industry, riverBend, streamBend, relief
    case detail, grain, block, strip, parcel, lot, highway, road
  }

  let seed: UInt64

  /// The random bits of a cell.
  @inline(__always)
  func bits(_ column: Int, _ row: Int, _ layer: Layer) -> UInt64 {
    var z = seed &+ layer.rawValue &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ UInt64(bitPattern: Int64(column))) &* 0xD6E8_FEB8_6659_FD93
    z ^= z >> 32
    z = (z ^ UInt64(bitPattern: Int64(row))) &* 0xBF58_476D_1CE4_E5B9
    z ^= z >> 29
    z = z &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 32)
  }

  /// Smooth noise with features as large as a cell; about -0.7 to 0.7, 0 in the mean.
  ///
  /// - Parameters: the place, in cells.
  func smooth(_ x: Double, _ y: Double, _ layer: Layer) -> Float {
    let (left, top) = (x.rounded(.down), y.rounded(.down))
    let (fx, fy) = (Float(x - left), Float(y - top))
    let (column, row) = (Int(left), Int(top))
    func corner(_ dx: Int, _ dy: Int) -> Float {
      let bits = bits(column + dx, row + dy, layer)
      let slopeX = bits.share(at: 0) * 2 - 1
      let slopeY = bits.share(at: 24) * 2 - 1
      return slopeX * (fx - Float(dx)) + slopeY * (fy - Float(dy))
    }
    func eased(_ t: Float) -> Float { t * t * t * (t * (t * 6 - 15) + 10) }
    let (wx, wy) = (eased(fx), eased(fy))
    let (northWest, southWest) = (corner(0, 0), corner(0, 1))
    let north = northWest + wx * (corner(1, 0) - northWest)
    let south = southWest + wx * (corner(1, 1) - southWest)
    return north + wy * (south - north)
  }

  /// Noise whose coarsest features are `wavelength` wide, with finer ones on top, each of half the
  /// size and half the strength.
  func rough(
    _ x: Double, _ y: Double, wavelength: Double, octaves: Int, _ layer: Layer
  ) -> Float {
    var sum: Float = 0
    var strength: Float = 1
    var scale = 1 / wavelength
    for octave in 0..<octaves {
      // Moved apart, so that the octaves' zeros at cell corners do not coincide.
      let shift = Double(octave) * 19.37
      sum += strength * smooth(x * scale + shift, y * scale - shift, layer)
      strength *= 0.5
      scale *= 2
    }
    return sum
  }
}

extension UInt64 {
  /// 24 of the bits as a number in [0, 1).
  @inline(__always)
  func share(at shift: UInt64) -> Float { Float((self >> shift) & 0xFF_FFFF) * 0x1p-24 }
}
