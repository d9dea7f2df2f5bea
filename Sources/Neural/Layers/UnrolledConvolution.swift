// SPDX-License-Identifier: Apache-2.0
internal import CKernels

/// Any convolution as a product of its weights and the unrolled images.
///
/// Small images are taken several at a time, so that a matrix product is long enough to be worth
/// its call.
struct UnrolledConvolution {
  /// The number of columns that a product should have at least.
  private static let productColumns = 512

  private let shape: ImageShape
  private let weight: Tensor
  private let window: ck_window
  private let outputPlane: Int
  private let imagesPerGroup: Int
  private let threadCount: Int

  init(input: ImageShape, layer: borrowing Convolution2D, threadCount: Int) {
    let (kernel, padding) = (layer.window.kernel, layer.window.padding)
    precondition(
      input.channels == layer.inputChannels,
      "The convolution takes \(layer.inputChannels) channels, not \(input.channels).")
    precondition(
      input.height + 2 * padding >= kernel && input.width + 2 * padding >= kernel,
      "A \(input.height) x \(input.width) image is smaller than the kernel.")
    shape = input
    weight = layer.weight.value
    window = ck_window(
      channels: input.channels, height: input.height, width: input.width, kernel: kernel,
      stride: layer.window.stride, padding: padding,
      out_height: (input.height + 2 * padding - kernel) / layer.window.stride + 1,
      out_width: (input.width + 2 * padding - kernel) / layer.window.stride + 1)
    outputPlane = window.out_height * window.out_width
    imagesPerGroup = max(1, min(input.images, Self.productColumns / outputPlane))
    self.threadCount = threadCount
  }

  private var outputChannels: Int { weight.shape[0] }
  /// The number of taps of one window: the unrolled matrix's rows.
  private var taps: Int { window.channels * window.kernel * window.kernel }
  private var groupCount: Int { (shape.images + imagesPerGroup - 1) / imagesPerGroup }

  private func images(ofGroup group: Int) -> Range<Int> {
    group * imagesPerGroup..<min((group + 1) * imagesPerGroup, shape.images)
  }

  /// The convolution's output, without its bias.
  func output(_ input: borrowing Tensor) -> Tensor {
    Tensor(shape: [shape.images, outputChannels, window.out_height, window.out_width]) {
      (output: UnsafeMutablePointer<Float>) in
      input.withPointer { input in
        weight.withPointer { weight in
          Workers.forEach(pieces: groupCount, threads: threadCount) { group in
            multiply(images(ofGroup: group), weight: weight, input: input, output: output)
          }
        }
      }
    }
  }

  private func multiply(
    _ images: Range<Int>, weight: UnsafePointer<Float>, input: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>
  ) {
    let columns = images.count * outputPlane
    let first = output + images.lowerBound * outputChannels * outputPlane
    Scratch.withFloats(columns * (taps + outputChannels)) { matrix in
      unroll(images, of: input, into: matrix)
      let joined = images.count == 1 ? first : matrix + columns * taps
      MatrixProduct.compute(
        rows: outputChannels, columns: columns, depth: taps,
        .init(address: weight, rowStride: taps), .init(address: matrix, rowStride: columns),
        into: joined, rowStride: columns, accumulate: false)
      if images.count > 1 {
        // From [channels, images, plane] to [images, channels, plane].
        exchangeAxes(joined, outputChannels, images.count, into: first)
      }
    }
  }

  /// Adds to the weights' gradient, and returns the input's where it is asked for.
  func backward(
    input: borrowing Tensor, outputGradient: borrowing Tensor, needsInputGradient: Bool,
    into weightGradient: inout Tensor
  ) -> Tensor? {
    let pieces = min(Workers.reductionPieceCount, groupCount)
    let weightCount = weight.count
    var sums = Tensor(shape: [pieces, weightCount])
    var inputGradient = Tensor(shape: needsInputGradient ? input.shape : [1])
    inputGradient.withMutablePointer { target in
      sums.withMutablePointer { sums in
        input.withPointer { input in
          outputGradient.withPointer { gradient in
            weight.withPointer { weight in
              Workers.forEach(pieces: pieces, threads: threadCount) { piece in
                for group in Workers.share(piece, of: pieces, count: groupCount) {
                  propagate(
                    images(ofGroup: group), weight: weight, input: input, gradient: gradient,
                    inputGradient: needsInputGradient ? target : nil,
                    sums: sums + piece * weightCount)
                }
              }
            }
          }
        }
        weightGradient.withMutablePointer { total in
          for piece in 0..<pieces { ck_add_f32(weightCount, sums + piece * weightCount, total) }
        }
      }
    }
    return needsInputGradient ? inputGradient : nil
  }

  /// One group's share of both gradients.
  private func propagate(
    _ images: Range<Int>, weight: UnsafePointer<Float>, input: UnsafePointer<Float>,
    gradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>?,
    sums: UnsafeMutablePointer<Float>
  ) {
    let columns = images.count * outputPlane
    let first = gradient + images.lowerBound * outputChannels * outputPlane
    Scratch.withFloats(columns * (taps + outputChannels)) { matrix in
      let joined = matrix + columns * taps
      if images.count > 1 {
        // From [images, channels, plane] to [channels, images, plane].
        exchangeAxes(first, images.count, outputChannels, into: joined)
      }
      let slopes = MatrixProduct.Operand(
        address: images.count > 1 ? UnsafePointer(joined) : first, rowStride: columns)
      unroll(images, of: input, into: matrix)
      MatrixProduct.compute(
        rows: outputChannels, columns: taps, depth: columns, slopes,
        .init(address: matrix, rowStride: columns, isTransposed: true), into: sums,
        rowStride: taps, accumulate: true)
      guard let inputGradient else { return }
      MatrixProduct.compute(
        rows: taps, columns: columns, depth: outputChannels,
        .init(address: weight, rowStride: taps, isTransposed: true), slopes, into: matrix,
        rowStride: columns, accumulate: false)
      fold(matrix, images, into: inputGradient)
    }
  }

  /// Unrolls images beside each other into `[taps, images * outputPlane]`.
  private func unroll(
    _ images: Range<Int>, of batch: UnsafePointer<Float>,
    into columns: UnsafeMutablePointer<Float>
  ) {
    var window = window
    for (position, image) in images.enumerated() {
      ck_unroll_f32(
        &window, batch + image * shape.imageCount, images.count * outputPlane,
        columns + position * outputPlane)
    }
  }

  /// Adds such a matrix back into the images.
  private func fold(
    _ columns: UnsafePointer<Float>, _ images: Range<Int>,
    into batch: UnsafeMutablePointer<Float>
  ) {
    var window = window
    for (position, image) in images.enumerated() {
      ck_fold_f32(
        &window, columns + position * outputPlane, images.count * outputPlane,
        batch + image * shape.imageCount)
    }
  }

  /// From `[slow, fast, plane]` to `[fast, slow, plane]`.
  private func exchangeAxes(
    _ source: UnsafePointer<Float>, _ slow: Int, _ fast: Int,
    into target: UnsafeMutablePointer<Float>
  ) {
    for outer in 0..<slow {
      for inner in 0..<fast {
        (target + (inner * slow + outer) * outputPlane).update(
          from: source + (outer * fast + inner) * outputPlane, count: outputPlane)
      }
    }
  }
}
