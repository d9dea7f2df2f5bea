// SPDX-License-Identifier: Apache-2.0

/// Images looked at in given places, bilinearly: `[batch, channels, rows, columns]` and a grid
/// `[batch, height, width, 2]` to `[batch, channels, height, width]` (Jaderberg and others 2015).
///
/// Places are (x, y), columns first, from -1 to 1 between the image's outer edges (PyTorch's
/// `align_corners=False`). The image is surrounded by zeros; a place that is no number is outside.
///
/// ```swift
/// let grid = AffineGrid(height: 32, width: 32).evaluate(maps)
/// let turned = GridSample().evaluate(images, grid: grid)
/// ```
public struct GridSample: Sendable, Equatable {
  /// Makes the operation.
  public init() {}

  /// What is seen in the grid's places, `[batch, channels, height, width]`.
  public func evaluate(_ input: Tensor, grid: Tensor, threadCount: Int = 1) -> Tensor {
    let view = View(input, grid)
    return Tensor(
      shape: view.outputShape,
      fill: { output in
        input.withUnsafeBufferPointer { input in
          grid.withUnsafeBufferPointer { grid in
            view.forEachPlane(threadCount: threadCount) { plane, image in
              for place in 0..<view.placeCount {
                var sum: Float = 0
                view.forEachCorner(of: image * view.placeCount + place, in: grid) { corner in
                  sum += corner.weight * input[plane * view.image.planeCount + corner.pixel]
                }
                output[plane * view.placeCount + place] = sum
              }
            }
          }
        }
      })
  }

  /// The vector-Jacobian products: a loss's gradients with respect to images and grid, each of its
  /// shape, given that with respect to the output.
  ///
  /// Where a place crosses from one pixel to the next, the grid's gradient jumps; it is taken from
  /// the right and from below.
  public func gradients(
    _ outputGradient: Tensor, at input: Tensor, grid: Tensor, threadCount: Int = 1
  ) -> (input: Tensor, grid: Tensor) {
    let view = View(input, grid)
    checkGradient(outputGradient, isOf: view.outputShape)
    return outputGradient.withUnsafeBufferPointer { slopes in
      (
        inputGradient(slopes, grid, view, threadCount: threadCount),
        gridGradient(slopes, input, grid, view, threadCount: threadCount)
      )
    }
  }

  private func inputGradient(
    _ slopes: UnsafeBufferPointer<Float>, _ grid: Tensor, _ view: View, threadCount: Int
  ) -> Tensor {
    var result = Tensor(shape: view.inputShape)
    result.withUnsafeMutableBufferPointer { result in
      grid.withUnsafeBufferPointer { grid in
        view.forEachPlane(threadCount: threadCount) { plane, image in
          for place in 0..<view.placeCount {
            let slope = slopes[plane * view.placeCount + place]
            view.forEachCorner(of: image * view.placeCount + place, in: grid) { corner in
              result[plane * view.image.planeCount + corner.pixel] += corner.weight * slope
            }
          }
        }
      }
    }
    return result
  }

  private func gridGradient(
    _ slopes: UnsafeBufferPointer<Float>, _ input: Tensor, _ grid: Tensor, _ view: View,
    threadCount: Int
  ) -> Tensor {
    let total = view.image.images * view.placeCount
    return Tensor(
      shape: grid.shape,
      fill: { result in
        input.withUnsafeBufferPointer { input in
          grid.withUnsafeBufferPointer { grid in
            Workers.forEachRange(count: total, minimum: 256, threads: threadCount) { range in
              for place in range {
                let (image, within) = place.quotientAndRemainder(dividingBy: view.placeCount)
                let planes = image * view.image.channels..<(image + 1) * view.image.channels
                var (x, y) = (0.0, 0.0)
                view.forEachCorner(of: place, in: grid) { corner in
                  var seen = 0.0
                  for plane in planes {
                    seen +=
                      Double(slopes[plane * view.placeCount + within])
                      * Double(input[plane * view.image.planeCount + corner.pixel])
                  }
                  x += seen * Double(corner.weightByColumn)
                  y += seen * Double(corner.weightByRow)
                }
                result[2 * place] = Float(x * Double(view.image.width) / 2)
                result[2 * place + 1] = Float(y * Double(view.image.height) / 2)
              }
            }
          }
        }
      })
  }
}

/// One of the four pixels around a place.
private struct Corner {
  /// The pixel's place in its plane.
  let pixel: Int
  /// The pixel's share of what is seen.
  let weight: Float
  /// The derivative of the share as the place moves by columns.
  let weightByColumn: Float
  /// The derivative of the share as the place moves by rows.
  let weightByRow: Float
}

/// The shapes of images and of a grid over them.
private struct View {
  let image: ImageShape
  let inputShape: [Int]
  let outputShape: [Int]
  /// The grid's places for one image.
  let placeCount: Int

  init(_ input: Tensor, _ grid: Tensor) {
    image = ImageShape(input)
    inputShape = input.shape
    precondition(
      grid.shape.count == 4 && grid.shape[0] == image.images && grid.shape[3] == 2,
      "A grid for \(image.images) images is [\(image.images), height, width, 2], not \(grid.shape)."
    )
    outputShape = [image.images, image.channels, grid.shape[1], grid.shape[2]]
    placeCount = grid.shape[1] * grid.shape[2]
  }

  /// Calls `body` with each plane of the batch and its image.
  func forEachPlane(threadCount: Int, _ body: (_ plane: Int, _ image: Int) -> Void) {
    Workers.forEachRange(
      count: image.images * image.channels, minimum: 1, threads: threadCount
    ) { range in
      for plane in range { body(plane, plane / image.channels) }
    }
  }

  /// Calls `body` with the pixels around a place that lie in the image.
  func forEachCorner(
    of place: Int, in grid: UnsafeBufferPointer<Float>, _ body: (Corner) -> Void
  ) {
    let x = ((Double(grid[2 * place]) + 1) * Double(image.width) - 1) / 2
    let y = ((Double(grid[2 * place + 1]) + 1) * Double(image.height) - 1) / 2
    // Also false for what is no number, which no integer can stand for.
    guard x > -1, x < Double(image.width), y > -1, y < Double(image.height) else { return }
    let (left, top) = (x.rounded(.down), y.rounded(.down))
    let (right, down) = (Float(x - left), Float(y - top))
    for row in 0...1 {
      let pixelRow = Int(top) + row
      guard pixelRow >= 0, pixelRow < image.height else { continue }
      for column in 0...1 {
        let pixelColumn = Int(left) + column
        guard pixelColumn >= 0, pixelColumn < image.width else { continue }
        let (rowShare, rowSlope) = row == 0 ? (1 - down, -1) : (down, Float(1))
        let (columnShare, columnSlope) = column == 0 ? (1 - right, -1) : (right, Float(1))
        body(
          Corner(
            pixel: pixelRow * image.width + pixelColumn, weight: rowShare * columnShare,
            weightByColumn: rowShare * columnSlope, weightByRow: rowSlope * columnShare))
      }
    }
  }
}
