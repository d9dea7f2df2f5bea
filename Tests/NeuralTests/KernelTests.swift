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
      let (x, g) = (numbers(count, seed: 1), numbers(count, seed: 2))
      let centre: Float = 0.25
      let deviations = x.map { Double($0) - Double(centre) }
      #expect(isClose(ck_sum_f32(count, x), x.reduce(0) { $0 + Double($1) }, count))
      #expect(
        isClose(
          ck_squared_deviation_f32(count, centre, x), deviations.reduce(0) { $0 + $1 * $1 }, count))
      #expect(
        isClose(
          ck_squared_norm_f32(count, x), x.reduce(0) { $0 + Double($1) * Double($1) }, count))
      var sums = [1.0, 2.0]
      ck_normalise_gradient_sums_f32(count, centre, x, g, &sums)
      #expect(isClose(sums[0], 1 + g.reduce(0) { $0 + Double($1) }, count))
      #expect(
        isClose(sums[1], 2 + zip(g, deviations).reduce(0) { $0 + Double($1.0) * $1.1 }, count))
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
      (
        "normalise", { ck_normalise_f32(count, 0.25, 2, 0.5, x, &$0) },
        { x, _ in 2 * (x - 0.25) + 0.5 }
      ),
      (
        "normalise rectified", { ck_normalise_rectified_f32(count, 0.25, 2, 0.5, x, &$0) },
        { x, _ in max(2 * (x - 0.25) + 0.5, 0) }
      ),
      (
        "gradient", { ck_normalise_gradient_f32(count, 0.25, 2, 0.5, 3, x, &$0) },
        { x, y in 2 * (y - 0.5) - 3 * (x - 0.25) }
      ),
      ("rectify", { ck_rectify_f32(count, x, &$0) }, { x, _ in max(x, 0) }),
      ("rectify gradient", { ck_rectify_gradient_f32(count, x, &$0) }, { $0 > 0 ? $1 : 0 }),
      ("add", { ck_add_f32(count, x, &$0) }, { $0 + $1 }),
      ("add rectified", { ck_add_rectified_f32(count, x, &$0) }, { max($0 + $1, 0) }),
      ("add constant", { ck_add_constant_f32(count, 7, &$0) }, { $1 + 7 }),
    ]
  }

  /// Folding is the transpose of unrolling.
  ///
  /// That is, c . unroll(x) = fold(c) . x for any x and c.
  @Test(arguments: [1, 2, 3], [(1, 0), (3, 0), (3, 1), (3, 2), (5, 2), (7, 3)])
  func foldingIsTheTransposeOfUnrolling(_ stride: Int, _ kernelAndPadding: (Int, Int)) {
    let (kernel, padding) = kernelAndPadding
    for (height, width) in [(7, 7), (8, 11), (5, 4)]
    where height + 2 * padding >= kernel && width + 2 * padding >= kernel {
      var window = ck_window(
        channels: 2, height: height, width: width, kernel: kernel, stride: stride,
        padding: padding, out_height: (height + 2 * padding - kernel) / stride + 1,
        out_width: (width + 2 * padding - kernel) / stride + 1)
      let image = numbers(2 * height * width, seed: 5)
      let rowStride = window.out_height * window.out_width + 3
      let count = 2 * kernel * kernel * rowStride
      let weights = numbers(count, seed: 6)
      var columns = [Float](repeating: 0, count: count)
      ck_unroll_f32(&window, image, rowStride, &columns)
      var folded = [Float](repeating: 0, count: image.count)
      ck_fold_f32(&window, weights, rowStride, &folded)
      let left = zip(columns, weights).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      let right = zip(folded, image).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      #expect(abs(left - right) < 1e-4, "\(height) x \(width)")
    }
  }
}
