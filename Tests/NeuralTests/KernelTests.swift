// SPDX-License-Identifier: Apache-2.0
import CKernels
import Neural
import Platform
import Testing

/// The plain loops in C against the same sums in double precision, at each length around the
/// vectors' widths.
@Suite struct KernelTests {
  static let lengths = Array(0...70) + [127, 128, 129, 1000]

  private func numbers(_ count: Int, seed: UInt64) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    return Tensor.random([count], using: &generator).values
  }

  private func isClose(_ found: some BinaryFloatingPoint, _ expected: Double, _ count: Int) -> Bool
  {
    abs(Double(found) - expected) <= 1e-6 * Double(max(count, 1))
  }

  @Test func sumsAddEveryElementOnce() {
    for count in Self.lengths {
      let x = numbers(count, seed: 1)
      #expect(
        isClose(
          ck_squared_norm_f32(count, x), x.reduce(0) { $0 + Double($1) * Double($1) }, count))
    }
  }

  @Test func elementsAreMappedOneByOneAndNoneBeyond() {
    for count in Self.lengths {
      let x = numbers(count, seed: 3)
      // One more element than is worked on: it must stay.
      let y = numbers(count + 1, seed: 4)
      for (name, kernel, expected) in Self.maps(count, x) {
        var result = y
        kernel(&result)
        #expect(result == zip(x, y).map { expected($0, $1) } + [y[count]], "\(name), \(count)")
      }
    }
  }

  /// Each kernel that changes y in place, and what it makes of x and y.
  private static func maps(
    _ count: Int, _ x: [Float]
  ) -> [(name: String, kernel: (inout [Float]) -> Void, expected: (Float, Float) -> Float)] {
    [
      ("rectify", { ck_rectify_f32(count, x, &$0) }, { x, _ in max(x, 0) }),
      ("rectify gradient", { ck_rectify_gradient_f32(count, x, &$0) }, { $0 > 0 ? $1 : 0 }),
      ("add", { ck_add_f32(count, x, &$0) }, { $0 + $1 }),
    ]
  }

  @Test(arguments: [1, 3, 63, 64, 65, 200])
  func normalisationTreatsEachLaneAsItsChannel(_ vectors: Int) {
    let lanes = Int(CK_LANES)
    let (x, g) = (numbers(vectors * lanes, seed: 5), numbers(vectors * lanes, seed: 6))
    let residual = numbers(vectors * lanes, seed: 7)
    let (centre, scale, shift) = (
      numbers(lanes, seed: 8), numbers(lanes, seed: 9), numbers(lanes, seed: 10)
    )
    let tilt = numbers(lanes, seed: 11)
    var map = ck_channel_map()
    withUnsafeMutableBytes(of: &map) { bytes in
      bytes.copyBytes(from: (centre + scale + shift).withUnsafeBytes { Array($0) })
    }
    var output = [Float](repeating: 0, count: x.count)
    ck_normalise_f32(vectors, &map, x, residual, 1, &output)
    var gradient = g
    var sums = [Double](repeating: 1, count: 2 * lanes)
    ck_normalise_back_sums_f32(vectors, centre, x, output, &gradient, &sums)
    var inputGradient = gradient
    ck_normalise_back_f32(vectors, &map, tilt, x, gradient, &inputGradient)
    var moments = [Double](repeating: 2, count: 2 * lanes)
    ck_moments_f32(vectors, centre, x, &moments)
    for lane in 0..<lanes {
      let places = stride(from: lane, to: x.count, by: lanes)
      let deviations = places.map { Double(x[$0] - centre[lane]) }
      #expect(isClose(moments[lane], 2 + deviations.reduce(0, +), vectors))
      #expect(isClose(moments[lanes + lane], 2 + deviations.reduce(0) { $0 + $1 * $1 }, vectors))
      for place in places {
        let value = scale[lane] * (x[place] - centre[lane]) + shift[lane] + residual[place]
        #expect(output[place] == max(value, 0))
        #expect(gradient[place] == (value > 0 ? g[place] : 0))
        #expect(
          inputGradient[place] == scale[lane] * (gradient[place] - shift[lane])
            - tilt[lane] * (x[place] - centre[lane]))
      }
      #expect(isClose(sums[lane], 1 + places.reduce(0) { $0 + Double(gradient[$1]) }, vectors))
      let weighted = zip(places, deviations).reduce(0) { $0 + Double(gradient[$1.0]) * $1.1 }
      #expect(isClose(sums[lanes + lane], 1 + weighted, vectors))
    }
  }
}
