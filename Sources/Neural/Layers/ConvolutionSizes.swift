// SPDX-License-Identifier: Apache-2.0
internal import CKernels

/// The dimensions of one convolution, and its product for a group of images.
///
/// Small images are taken several at a time, so that a matrix product is long enough to be
/// worth its call.
struct ConvolutionSizes {
  /// The number of columns that a product should have at least.
  static let productColumns = 512

  let input: ImageShape
  let window: Convolution2D.Window
  let outputHeight: Int
  let outputWidth: Int
  let imagesPerGroup: Int

  init(input: ImageShape, window: Convolution2D.Window) {
    precondition(
      input.height + 2 * window.padding >= window.kernel
        && input.width + 2 * window.padding >= window.kernel,
      "A \(input.height) x \(input.width) image is smaller than the kernel.")
    self.input = input
    self.window = window
    outputHeight = (input.height + 2 * window.padding - window.kernel) / window.stride + 1
    outputWidth = (input.width + 2 * window.padding - window.kernel) / window.stride + 1
    imagesPerGroup = max(1, min(input.images, Self.productColumns / (outputHeight * outputWidth)))
  }

  init(input: ImageShape, layer: borrowing Convolution2D) {
    precondition(
      input.channels == layer.inputChannels,
      "The convolution takes \(layer.inputChannels) channels, not \(input.channels).")
    self.init(input: input, window: layer.window)
  }

  var outputPlane: Int { outputHeight * outputWidth }
  /// The number of taps of one window: the unrolled matrix's rows.
  var taps: Int { input.channels * window.kernel * window.kernel }
  var groupCount: Int { (input.images + imagesPerGroup - 1) / imagesPerGroup }

  func images(ofGroup group: Int) -> Range<Int> {
    group * imagesPerGroup..<min((group + 1) * imagesPerGroup, input.images)
  }

  /// Whether an image is its own unrolled matrix.
  var isPointwise: Bool {
    window == Convolution2D.Window(kernel: 1, stride: 1, padding: 0) && imagesPerGroup == 1
  }

  private var kernelWindow: ck_window {
    ck_window(
      channels: input.channels, height: input.height, width: input.width, kernel: window.kernel,
      stride: window.stride, padding: window.padding, out_height: outputHeight,
      out_width: outputWidth)
  }

  /// Unrolls a group's images beside each other into `[taps, images * outputPlane]`.
  func unroll(
    _ images: Range<Int>, of batch: UnsafePointer<Float>,
    into columns: UnsafeMutablePointer<Float>
  ) {
    var window = kernelWindow
    for (position, image) in images.enumerated() {
      ck_unroll_f32(
        &window, batch + image * input.imageCount, images.count * outputPlane,
        columns + position * outputPlane)
    }
  }

  /// Adds such a matrix back into the group's images.
  func fold(
    _ columns: UnsafePointer<Float>, _ images: Range<Int>,
    into batch: UnsafeMutablePointer<Float>
  ) {
    var window = kernelWindow
    for (position, image) in images.enumerated() {
      ck_fold_f32(
        &window, columns + position * outputPlane, images.count * outputPlane,
        batch + image * input.imageCount)
    }
  }

  /// The output of one group: `weight`, `rows` x taps, times the unrolled images.
  func multiply(
    group: Int, weight: UnsafePointer<Float>, rows: Int, input batch: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>
  ) {
    let images = images(ofGroup: group)
    if isPointwise {
      product(
        weight, rows: rows, UnsafePointer(batch + images.lowerBound * input.imageCount),
        columns: outputPlane, into: output + images.lowerBound * rows * outputPlane)
      return
    }
    let columns = images.count * outputPlane
    Scratch.withFloats(columns * taps) { matrix in
      unroll(images, of: batch, into: matrix)
      let first = output + images.lowerBound * rows * outputPlane
      if images.count == 1 {
        product(weight, rows: rows, matrix, columns: columns, into: first)
        return
      }
      Scratch.withFloats(columns * rows) { result in
        product(weight, rows: rows, matrix, columns: columns, into: result)
        PlaneOrder.separate(
          result, images: images.count, channels: rows, plane: outputPlane, into: first)
      }
    }
  }

  private func product(
    _ weight: UnsafePointer<Float>, rows: Int, _ matrix: UnsafePointer<Float>, columns: Int,
    into output: UnsafeMutablePointer<Float>
  ) {
    MatrixProduct.compute(
      rows: rows, columns: columns, depth: taps, .init(address: weight, rowStride: taps),
      .init(address: matrix, rowStride: columns), into: output, rowStride: columns,
      accumulate: false)
  }
}

/// Planes by image, then channel, as tensors have them; or by channel, then image, as a product
/// over several images has them.
enum PlaneOrder {
  /// From `[channels, images, plane]` to `[images, channels, plane]`.
  static func separate(
    _ source: UnsafePointer<Float>, images: Int, channels: Int, plane: Int,
    into target: UnsafeMutablePointer<Float>
  ) {
    for channel in 0..<channels {
      for image in 0..<images {
        (target + (image * channels + channel) * plane).update(
          from: source + (channel * images + image) * plane, count: plane)
      }
    }
  }

  /// From `[images, channels, plane]` to `[channels, images, plane]`.
  static func join(
    _ source: UnsafePointer<Float>, images: Int, channels: Int, plane: Int,
    into target: UnsafeMutablePointer<Float>
  ) {
    separate(source, images: channels, channels: images, plane: plane, into: target)
  }
}
