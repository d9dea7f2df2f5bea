// SPDX-License-Identifier: Apache-2.0

/// The size of a pixel on the ground, in metres along geodesics of WGS 84.
public struct GroundSampleDistance: Hashable, Sendable, Codable {
  /// From one column to the next.
  public var x: Double
  /// From one row to the next.
  public var y: Double

  /// A distance from its two parts, in metres.
  public init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }

  /// The side of a square of a pixel's ground.
  public var mean: Double { (x * y).squareRoot() }
}
