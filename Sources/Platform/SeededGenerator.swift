// SPDX-License-Identifier: Apache-2.0

/// A repeatable source of random numbers: xoshiro256** seeded through SplitMix64
/// (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", 2021).
///
/// The same seed gives the same numbers on every machine.
///
/// ```swift
/// var generator = SeededGenerator(seed: 7)
/// let coin = Bool.random(using: &generator)
/// ```
public struct SeededGenerator: RandomNumberGenerator, Sendable, Equatable, Codable {
  private var state0: UInt64
  private var state1: UInt64
  private var state2: UInt64
  private var state3: UInt64

  /// Creates a generator from any seed, zero included.
  public init(seed: UInt64) {
    var mixed = seed
    func next() -> UInt64 {
      mixed &+= 0x9E37_79B9_7F4A_7C15
      var z = mixed
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
    (state0, state1, state2, state3) = (next(), next(), next(), next())
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    func rotated(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
    let result = rotated(state1 &* 5, 7) &* 9
    let t = state1 << 17
    state2 ^= state0
    state3 ^= state1
    state1 ^= state2
    state0 ^= state3
    state2 ^= t
    state3 = rotated(state3, 45)
    return result
  }

  /// A number in [0, 1), a multiple of 2^-24: exact in float32.
  public mutating func uniform() -> Float {
    Float(next() >> 40) * 0x1p-24
  }
}
