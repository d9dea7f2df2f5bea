// SPDX-License-Identifier: Apache-2.0
internal import CKernels

/// A convolution of stride 1 that keeps the image's size, without an unrolled matrix.
///
/// Images are laid out flat with zeros between them, so that one loop without edges slides a
/// block of kernels over them (`CKernels`); the way back is the same loop with the kernels
/// mirrored.
struct DirectConvolution {
  /// How many positions a call should have at least, and images narrower than four pixels are
  /// mostly margin.
  private static let callPositions = 1024
  private static let narrowest = 4
  private static let block = Int(CK_OUTPUT_BLOCK)

  private let shape: ImageShape
  private let weight: Tensor
  private let kernel: Int
  private let imagesPerGroup: Int
  private let threadCount: Int

  /// Nil where the convolution is of another kind.
  init?(input: ImageShape, layer: borrowing Convolution2D, threadCount: Int) {
    let window = layer.window
    guard window.stride == 1, window.kernel > 1, 2 * window.padding == window.kernel - 1,
      input.width >= Self.narrowest
    else { return nil }
    precondition(
      input.channels == layer.inputChannels,
      "The convolution takes \(layer.inputChannels) channels, not \(input.channels).")
    shape = input
    weight = layer.weight.value
    kernel = window.kernel
    imagesPerGroup = max(1, min(input.images, Self.callPositions / input.planeCount))
    self.threadCount = threadCount
  }

  private var outputChannels: Int { weight.shape[0] }
  private var inputChannels: Int { weight.shape[1] }
  private var groupCount: Int { (shape.images + imagesPerGroup - 1) / imagesPerGroup }

  private func images(ofGroup group: Int) -> Range<Int> {
    group * imagesPerGroup..<min((group + 1) * imagesPerGroup, shape.images)
  }

  private func layout(channels: Int, images: Int) -> ck_flat {
    ck_flat_layout(channels, images, shape.height, shape.width, kernel)
  }

  /// The convolution's output, without its bias.
  func output(_ input: borrowing Tensor) -> Tensor {
    let packed = packedWeight(isMirrored: false)
    return Tensor(shape: [shape.images, outputChannels, shape.height, shape.width]) {
      (output: UnsafeMutablePointer<Float>) in
      input.withPointer { input in
        packed.withPointer { packed in
          Workers.forEach(pieces: groupCount, threads: threadCount) { group in
            let images = images(ofGroup: group)
            var flat = layout(channels: inputChannels, images: images.count)
            Scratch.withFloats(flat.plane * inputChannels) { planes in
              ck_flatten_f32(
                &flat, input + images.lowerBound * shape.imageCount, shape.imageCount, planes)
              correlate(
                flat, planes, packed, outputs: outputChannels, into: output,
                firstImage: images.lowerBound)
            }
          }
        }
      }
    }
  }

  /// Adds to the weights' gradient, and returns the input's where it is asked for.
  func backward(
    input: borrowing Tensor, outputGradient: borrowing Tensor, needsInputGradient: Bool,
    into weightGradient: inout Tensor
  ) -> Tensor? {
    let mirrored = packedWeight(isMirrored: true)
    let pieces = min(Workers.reductionPieceCount, groupCount)
    let sumCount = blocks(of: outputChannels) * Self.block * inputChannels * kernel * kernel
    var sums = Tensor(shape: [pieces, sumCount])
    var inputGradient = Tensor(shape: needsInputGradient ? input.shape : [1])
    inputGradient.withMutablePointer { target in
      sums.withMutablePointer { sums in
        input.withPointer { input in
          outputGradient.withPointer { gradient in
            mirrored.withPointer { mirrored in
              Workers.forEach(pieces: pieces, threads: threadCount) { piece in
                for group in Workers.share(piece, of: pieces, count: groupCount) {
                  propagate(
                    group: group, input: input, gradient: gradient, mirrored: mirrored,
                    inputGradient: needsInputGradient ? target : nil,
                    sums: sums + piece * sumCount)
                }
              }
            }
          }
        }
        for piece in 1..<max(pieces, 1) { ck_add_f32(sumCount, sums + piece * sumCount, sums) }
      }
    }
    weightGradient.withUnsafeMutableBufferPointer { gradient in
      sums.withUnsafeBufferPointer { sums in
        forEachPackedWeight(isMirrored: false) { place, packed in gradient[place] += sums[packed] }
      }
    }
    return needsInputGradient ? inputGradient : nil
  }

  /// One group's share of both gradients.
  private func propagate(
    group: Int, input: UnsafePointer<Float>, gradient: UnsafePointer<Float>,
    mirrored: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>?,
    sums: UnsafeMutablePointer<Float>
  ) {
    let images = images(ofGroup: group)
    var flat = layout(channels: inputChannels, images: images.count)
    var back = layout(channels: outputChannels, images: images.count)
    let gradientPlanes = blocks(of: outputChannels) * Self.block
    Scratch.withFloats(flat.plane * (inputChannels + gradientPlanes)) { planes in
      let slopes = planes + flat.plane * inputChannels
      let slopesStride = outputChannels * shape.planeCount
      ck_flatten_f32(
        &flat, input + images.lowerBound * shape.imageCount, shape.imageCount, planes)
      ck_flatten_f32(&back, gradient + images.lowerBound * slopesStride, slopesStride, slopes)
      (slopes + flat.plane * outputChannels).update(
        repeating: 0, count: flat.plane * (gradientPlanes - outputChannels))
      let firstPixel = kernel / 2 * (flat.row + 1)
      for block in 0..<blocks(of: outputChannels) {
        ck_correlate_gradient_f32(
          &flat, planes, slopes + block * Self.block * flat.plane + firstPixel,
          sums + block * Self.block * inputChannels * kernel * kernel)
      }
      if let inputGradient {
        correlate(
          back, slopes, mirrored, outputs: inputChannels, into: inputGradient,
          firstImage: images.lowerBound)
      }
    }
  }

  /// Slides all kernels over flat images, a block at a time.
  private func correlate(
    _ flat: ck_flat, _ planes: UnsafePointer<Float>, _ packed: UnsafePointer<Float>, outputs: Int,
    into output: UnsafeMutablePointer<Float>, firstImage: Int
  ) {
    var flat = flat
    let imageStride = outputs * shape.planeCount
    Scratch.withFloats(Self.block * flat.positions) { results in
      for block in 0..<blocks(of: outputs) {
        let first = block * Self.block
        ck_correlate_f32(&flat, planes, packed + first * flat.channels * kernel * kernel, results)
        ck_unflatten_f32(
          &flat, min(Self.block, outputs - first), results,
          output + firstImage * imageStride + first * shape.planeCount, imageStride)
      }
    }
  }

  private func blocks(of channels: Int) -> Int {
    (channels + Self.block - 1) / Self.block
  }

  /// The kernels in blocks of outputs, `[blocks, inputs, kernel, kernel, block]`, the last block
  /// filled up with zeros; mirrored, what were inputs are outputs, and kernels are turned by 180
  /// degrees.
  private func packedWeight(isMirrored: Bool) -> Tensor {
    let (outputs, inputs) =
      isMirrored ? (inputChannels, outputChannels) : (outputChannels, inputChannels)
    var packed = Tensor(shape: [blocks(of: outputs), inputs, kernel, kernel, Self.block])
    packed.withUnsafeMutableBufferPointer { packed in
      weight.withUnsafeBufferPointer { weight in
        forEachPackedWeight(isMirrored: isMirrored) { place, packedPlace in
          packed[packedPlace] = weight[place]
        }
      }
    }
    return packed
  }

  @inline(__always)
  private func forEachPackedWeight(
    isMirrored: Bool, _ body: (_ place: Int, _ packedPlace: Int) -> Void
  ) {
    let area = kernel * kernel
    let inputs = isMirrored ? outputChannels : inputChannels
    for row in 0..<outputChannels {
      for column in 0..<inputChannels {
        let (output, input) = isMirrored ? (column, row) : (row, column)
        let first = (output / Self.block * inputs + input) * area
        for tap in 0..<area {
          let packedTap = isMirrored ? area - 1 - tap : tap
          body(
            (row * inputChannels + column) * area + tap,
            (first + packedTap) * Self.block + output % Self.block)
        }
      }
    }
  }
}
