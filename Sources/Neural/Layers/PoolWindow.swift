// SPDX-License-Identifier: Apache-2.0

/// The square windows of a pooling layer over planes of one size.
struct PoolWindow {
  let kernel: Int
  let stride: Int
  let padding: Int
  let height: Int
  let width: Int
  let outputHeight: Int
  let outputWidth: Int

  init(_ window: Convolution2D.Window, on shape: ImageShape) {
    kernel = window.kernel
    stride = window.stride
    padding = window.padding
    height = shape.height
    width = shape.width
    precondition(
      padding * 2 <= kernel && height + 2 * padding >= kernel && width + 2 * padding >= kernel,
      "A pooling window of \(kernel) with padding \(padding) does not fit \(height) x \(width).")
    outputHeight = (height + 2 * padding - kernel) / stride + 1
    outputWidth = (width + 2 * padding - kernel) / stride + 1
  }

  var outputPlane: Int { outputHeight * outputWidth }
  var inputPlane: Int { height * width }

  /// The input rows inside the window of one output row.
  func rows(_ outputRow: Int) -> Range<Int> {
    max(0, outputRow * stride - padding)..<min(height, outputRow * stride - padding + kernel)
  }

  /// The input columns inside the window of one output column.
  func columns(_ outputColumn: Int) -> Range<Int> {
    max(0, outputColumn * stride - padding)..<min(width, outputColumn * stride - padding + kernel)
  }
}
