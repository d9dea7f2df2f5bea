// SPDX-License-Identifier: Apache-2.0
internal import CKernels

/// The backward pass of one convolution.
struct ConvolutionGradient {
  let sizes: ConvolutionSizes
  let weight: Tensor
  let input: Tensor
  let outputGradient: Tensor
  let threadCount: Int

  init(
    layer: borrowing Convolution2D, input: Tensor, outputGradient: Tensor, threadCount: Int
  ) {
    sizes = ConvolutionSizes(input: ImageShape(input), layer: layer)
    weight = layer.weight.value
    self.input = input
    self.outputGradient = outputGradient
    self.threadCount = threadCount
    precondition(
      outputGradient.shape == [
        sizes.input.images, weight.shape[0], sizes.outputHeight, sizes.outputWidth,
      ], "The gradient has shape \(outputGradient.shape), unlike the output.")
  }

  private var outputChannels: Int { weight.shape[0] }
  private var inputChannels: Int { weight.shape[1] }
  private var kernelArea: Int { sizes.window.kernel * sizes.window.kernel }

  /// Both gradients of a convolution of stride 1, from the unrolled output gradient.
  ///
  /// The input's gradient is the output's, convolved with the mirrored kernel, and the same
  /// unrolled matrix times the input is the mirrored kernel's gradient: one unrolling, no
  /// folding, and long inner products.
  func mirrored(into weightGradient: inout Tensor) -> Tensor {
    let back = ConvolutionSizes(
      input: ImageShape(outputGradient),
      window: .init(
        kernel: sizes.window.kernel, padding: sizes.window.kernel - 1 - sizes.window.padding))
    let mirror = mirroredWeight()
    let pieces = min(Workers.reductionPieceCount, back.groupCount)
    var sums = Tensor(shape: [pieces, inputChannels, back.taps])
    let inputGradient = Tensor(shape: input.shape) { (target: UnsafeMutablePointer<Float>) in
      sums.withMutablePointer { sums in
        input.withPointer { input in
          outputGradient.withPointer { gradient in
            mirror.withPointer { mirror in
              Workers.forEach(pieces: pieces, threads: threadCount) { piece in
                let sum = sums + piece * inputChannels * back.taps
                for group in Workers.share(piece, of: pieces, count: back.groupCount) {
                  multiplyBoth(
                    back, group: group, mirror: mirror, input: input, gradient: gradient,
                    inputGradient: target, weightGradient: sum)
                }
              }
            }
          }
        }
      }
    }
    add(sums, pieces: pieces, isMirrored: true, into: &weightGradient)
    return inputGradient
  }

  private func multiplyBoth(
    _ back: ConvolutionSizes, group: Int, mirror: UnsafePointer<Float>,
    input: UnsafePointer<Float>, gradient: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, weightGradient: UnsafeMutablePointer<Float>
  ) {
    let images = back.images(ofGroup: group)
    let columns = images.count * back.outputPlane
    let first = images.lowerBound * inputChannels * back.outputPlane
    Scratch.withFloats(columns * (back.taps + inputChannels)) { matrix in
      back.unroll(images, of: gradient, into: matrix)
      let joined = matrix + columns * back.taps
      let isAlone = images.count == 1
      let result = isAlone ? inputGradient + first : joined
      MatrixProduct.compute(
        rows: inputChannels, columns: columns, depth: back.taps,
        .init(address: mirror, rowStride: back.taps), .init(address: matrix, rowStride: columns),
        into: result, rowStride: columns, accumulate: false)
      if !isAlone {
        PlaneOrder.separate(
          result, images: images.count, channels: inputChannels, plane: back.outputPlane,
          into: inputGradient + first)
        PlaneOrder.join(
          input + first, images: images.count, channels: inputChannels, plane: back.outputPlane,
          into: joined)
      }
      MatrixProduct.compute(
        rows: inputChannels, columns: back.taps, depth: columns,
        .init(address: isAlone ? input + first : UnsafePointer(joined), rowStride: columns),
        .init(address: matrix, rowStride: columns, isTransposed: true), into: weightGradient,
        rowStride: back.taps, accumulate: true)
    }
  }

  /// Both gradients of any convolution, from the unrolled input.
  func unrolled(into weightGradient: inout Tensor, needsInputGradient: Bool) -> Tensor? {
    let pieces = min(Workers.reductionPieceCount, sizes.groupCount)
    var sums = Tensor(shape: [pieces, outputChannels, sizes.taps])
    var inputGradient = Tensor(shape: needsInputGradient ? input.shape : [1])
    inputGradient.withMutablePointer { target in
      sums.withMutablePointer { sums in
        input.withPointer { input in
          outputGradient.withPointer { gradient in
            weight.withPointer { weight in
              Workers.forEach(pieces: pieces, threads: threadCount) { piece in
                let sum = sums + piece * outputChannels * sizes.taps
                for group in Workers.share(piece, of: pieces, count: sizes.groupCount) {
                  multiplyUnrolled(
                    group: group, weight: weight, input: input, gradient: gradient,
                    inputGradient: needsInputGradient ? target : nil, weightGradient: sum)
                }
              }
            }
          }
        }
      }
    }
    add(sums, pieces: pieces, isMirrored: false, into: &weightGradient)
    return needsInputGradient ? inputGradient : nil
  }

  private func multiplyUnrolled(
    group: Int, weight: UnsafePointer<Float>, input: UnsafePointer<Float>,
    gradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>?,
    weightGradient: UnsafeMutablePointer<Float>
  ) {
    let images = sizes.images(ofGroup: group)
    let columns = images.count * sizes.outputPlane
    let first = images.lowerBound * outputChannels * sizes.outputPlane
    Scratch.withFloats(columns * (sizes.taps + outputChannels)) { matrix in
      let joined = matrix + columns * sizes.taps
      if images.count > 1 {
        PlaneOrder.join(
          gradient + first, images: images.count, channels: outputChannels,
          plane: sizes.outputPlane, into: joined)
      }
      let rows = images.count > 1 ? UnsafePointer(joined) : gradient + first
      sizes.unroll(images, of: input, into: matrix)
      MatrixProduct.compute(
        rows: outputChannels, columns: sizes.taps, depth: columns,
        .init(address: rows, rowStride: columns),
        .init(address: matrix, rowStride: columns, isTransposed: true), into: weightGradient,
        rowStride: sizes.taps, accumulate: true)
      guard let inputGradient else { return }
      MatrixProduct.compute(
        rows: sizes.taps, columns: columns, depth: outputChannels,
        .init(address: weight, rowStride: sizes.taps, isTransposed: true),
        .init(address: rows, rowStride: columns), into: matrix, rowStride: columns,
        accumulate: false)
      sizes.fold(matrix, images, into: inputGradient)
    }
  }

  /// The kernel as the way back needs it: `[inputs, outputs, kernel, kernel]`, turned by 180
  /// degrees.
  private func mirroredWeight() -> Tensor {
    var mirror = Tensor(shape: [inputChannels, outputChannels, kernelArea])
    mirror.withUnsafeMutableBufferPointer { mirror in
      weight.withUnsafeBufferPointer { weight in
        forEachMirroredTap { place, mirroredPlace in mirror[mirroredPlace] = weight[place] }
      }
    }
    return mirror
  }

  /// Adds the pieces' sums, in order, to the gradient.
  private func add(
    _ sums: consuming Tensor, pieces: Int, isMirrored: Bool, into weightGradient: inout Tensor
  ) {
    let count = weightGradient.count
    weightGradient.withUnsafeMutableBufferPointer { gradient in
      sums.withMutablePointer { sums in
        for piece in 1..<max(pieces, 1) { ck_add_f32(count, sums + piece * count, sums) }
        if isMirrored {
          forEachMirroredTap { place, mirroredPlace in gradient[place] += sums[mirroredPlace] }
        } else {
          for place in 0..<count { gradient[place] += sums[place] }
        }
      }
    }
  }

  @inline(__always)
  private func forEachMirroredTap(_ body: (_ place: Int, _ mirroredPlace: Int) -> Void) {
    let area = kernelArea
    for output in 0..<outputChannels {
      for input in 0..<inputChannels {
        let place = (output * inputChannels + input) * area
        let mirroredPlace = (input * outputChannels + output) * area + area - 1
        for tap in 0..<area { body(place + tap, mirroredPlace - tap) }
      }
    }
  }
}
