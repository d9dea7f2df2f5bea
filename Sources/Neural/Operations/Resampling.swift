// SPDX-License-Identifier: Apache-2.0

/// Images made larger or smaller, to any size: `[batch, channels, rows, columns]` to
/// `[batch, channels, height, width]`.
///
/// Pixels are areas: the images' corners lie on each other, not the middles of the corner pixels
/// (PyTorch's `align_corners=False`).
public struct Resampling: DifferentiableOperation, Equatable {
  /// Which pixels an output pixel is made of.
  public enum Method: Sendable, Equatable, CaseIterable {
    /// The one whose share of the image holds the output pixel's upper left corner.
    case nearest
    /// The two by two around its middle, however much smaller the image becomes.
    case bilinear
    /// All within a hat as wide as two output pixels, so that no detail is skipped when the image
    /// becomes smaller; `bilinear` when it becomes larger.
    case antialiasedBilinear
    /// The mean of all pixels that it touches, each counted whole.
    case area
  }

  /// Which pixels an output pixel is made of.
  public let method: Method
  /// The output's rows.
  public let height: Int
  /// The output's columns.
  public let width: Int

  /// Makes the operation for one size of output.
  public init(_ method: Method, height: Int, width: Int) {
    precondition(height > 0 && width > 0, "An image cannot become \(height) x \(width) pixels.")
    self.method = method
    self.height = height
    self.width = width
  }

  /// The images in the new size.
  public func evaluate(_ input: Tensor, threadCount: Int) -> Tensor {
    let shape = ImageShape(input)
    let (rows, columns) = axes(shape)
    let planes = shape.images * shape.channels
    return Tensor(shape: [shape.images, shape.channels, height, width]) { output in
      mapPlanes(
        input, into: output, planes: planes, scratchCount: shape.height * width,
        threadCount: threadCount
      ) { source, target, scratch in
        columns.resampleColumns(source, into: scratch, height: shape.height)
        rows.resampleRows(scratch, into: target, width: width)
      }
    }
  }

  /// The gradient with respect to the images, of their shape.
  public func gradient(
    _ outputGradient: Tensor, at input: Tensor, threadCount: Int
  ) -> Tensor {
    let shape = ImageShape(input)
    checkGradient(outputGradient, isOf: [shape.images, shape.channels, height, width])
    let (rows, columns) = axes(shape)
    let planes = shape.images * shape.channels
    return Tensor(shape: input.shape) { output in
      mapPlanes(
        outputGradient, into: output, planes: planes, scratchCount: shape.height * width,
        threadCount: threadCount
      ) { source, target, scratch in
        rows.spreadRows(source, into: scratch, width: width)
        columns.spreadColumns(scratch, into: target, height: shape.height)
      }
    }
  }

  private func axes(_ shape: ImageShape) -> (rows: AxisResampling, columns: AxisResampling) {
    (
      AxisResampling(method, from: shape.height, to: height),
      AxisResampling(method, from: shape.width, to: width)
    )
  }

  /// Calls `body` for each of the planes that `input` and `output` consist of.
  private func mapPlanes(
    _ input: Tensor, into output: UnsafeMutableBufferPointer<Float>, planes: Int,
    scratchCount: Int, threadCount: Int,
    _ body: (
      _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>,
      _ scratch: UnsafeMutablePointer<Float>
    ) -> Void
  ) {
    guard planes > 0, let target = output.baseAddress else { return }
    let (inputCount, outputCount) = (input.count / planes, output.count / planes)
    input.withPointer { source in
      Workers.forEachRange(count: planes, minimum: 1, threads: threadCount) { range in
        AlignedFloats.withTemporary(count: scratchCount) { scratch in
          for plane in range {
            body(source + plane * inputCount, target + plane * outputCount, scratch)
          }
        }
      }
    }
  }
}
