// SPDX-License-Identifier: Apache-2.0

/// Where an affine map sends the pixels of an image: `[batch, 2, 3]`, the maps, to
/// `[batch, height, width, 2]`, the places to look at (Jaderberg and others 2015).
///
/// Places are (x, y), columns first, from -1 to 1 between the image's outer edges (PyTorch's
/// `align_corners=False`): the grid that ``GridSample`` takes. The first row of a map gives x,
/// the second y, each from (x, y, 1) of the output pixel's middle.
public struct AffineGrid: DifferentiableOperation, Equatable {
  /// The grid's rows.
  public let height: Int
  /// The grid's columns.
  public let width: Int

  /// Makes the operation for one size of grid.
  public init(height: Int, width: Int) {
    precondition(height > 0 && width > 0, "A grid cannot have \(height) x \(width) places.")
    self.height = height
    self.width = width
  }

  /// The grid, `[batch, height, width, 2]`.
  public func evaluate(_ theta: Tensor, threadCount: Int) -> Tensor {
    let batch = batchCount(theta)
    return Tensor(
      shape: [batch, height, width, 2],
      fill: { grid in
        theta.withUnsafeBufferPointer { theta in
          var place = 0
          for map in 0..<batch {
            forEachPixel { x, y in
              for row in map * 2..<map * 2 + 2 {
                grid[place] = Float(
                  Double(theta[row * 3]) * x + Double(theta[row * 3 + 1]) * y
                    + Double(theta[row * 3 + 2]))
                place += 1
              }
            }
          }
        }
      })
  }

  /// The gradient with respect to the maps, `[batch, 2, 3]`.
  public func gradient(
    _ outputGradient: Tensor, at theta: Tensor, threadCount: Int
  ) -> Tensor {
    let batch = batchCount(theta)
    checkGradient(outputGradient, isOf: [batch, height, width, 2])
    var sums = [Double](repeating: 0, count: theta.count)
    outputGradient.withUnsafeBufferPointer { gradient in
      var place = 0
      for map in 0..<batch {
        forEachPixel { x, y in
          for row in map * 2..<map * 2 + 2 {
            let slope = Double(gradient[place])
            sums[row * 3] += slope * x
            sums[row * 3 + 1] += slope * y
            sums[row * 3 + 2] += slope
            place += 1
          }
        }
      }
    }
    return Tensor(shape: theta.shape, values: sums.map { Float($0) })
  }

  private func batchCount(_ theta: Tensor) -> Int {
    precondition(
      theta.shape.count == 3 && theta.shape.dropFirst() == [2, 3],
      "Affine maps are [batch, 2, 3], not \(theta.shape).")
    return theta.shape[0]
  }

  /// Calls `body` with the middle of each pixel, row by row.
  private func forEachPixel(_ body: (_ x: Double, _ y: Double) -> Void) {
    for row in 0..<height {
      for column in 0..<width {
        body(
          Double(2 * column + 1) / Double(width) - 1, Double(2 * row + 1) / Double(height) - 1)
      }
    }
  }
}
