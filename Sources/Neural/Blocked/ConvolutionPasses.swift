// SPDX-License-Identifier: Apache-2.0
internal import CKernels

/// The three passes of a convolution over a batch, split over threads.
///
/// What is summed in which order does not depend on the number of threads.
struct ConvolutionPasses {
  /// Weights up to this many are summed for several parts of the batch at once; more are split by
  /// blocks of channels, as adding the parts up would cost too much.
  private static let fewWeights = 1 << 16

  let input: BlockedLayout
  let output: BlockedLayout
  let window: SlidingWindow
  let threadCount: Int

  init(input: BlockedLayout, outputChannels: Int, window: SlidingWindow, threadCount: Int) {
    self.input = input
    output = BlockedLayout(input.shape.slid(by: window, channels: outputChannels))
    self.window = window
    self.threadCount = threadCount
  }

  private var packing: PackedWeights.Packing {
    .init(
      outputs: output.shape.channels, inputs: input.shape.channels,
      taps: window.kernel * window.kernel, lanes: input.lanes)
  }

  /// The output of a batch.
  func output(_ source: BlockedImages, weight: Tensor, bias: Tensor?) -> BlockedImages {
    let biases = bias.map { ChannelVector($0) }
    return withExtendedLifetime(biases) {
      applied(weight, .forward, from: source, to: output, bias: biases?.address, residual: nil)
    }
  }

  /// The gradient of the input, and what else it is to have.
  func inputGradient(
    of outputGradient: BlockedImages, weight: Tensor, plus other: BlockedImages?
  ) -> BlockedImages {
    applied(
      weight, .back, from: outputGradient, to: BlockedLayout(input.shape), bias: nil,
      residual: other)
  }

  /// Either pass over all groups and, where these are few, over parts of their blocks.
  private func applied(
    _ weight: Tensor, _ direction: PackedWeights.Direction, from source: BlockedImages,
    to layout: BlockedLayout, bias: UnsafePointer<Float>?, residual: BlockedImages?
  ) -> BlockedImages {
    let weights = PackedWeights(
      weight, window: window, direction: direction, images: source.layout.group(0),
      threadCount: threadCount)
    let parts = max(1, min(4 / layout.groupCount, weights.partCount(blocks: layout.blockCount)))
    var target = BlockedImages(layout)
    target.withMutablePointer { target in
      source.withPointer { start in
        Workers.forEach(pieces: layout.groupCount * parts, threads: threadCount) { piece in
          let group = piece / parts
          let (from, to) = (source.layout.group(group), layout.group(group))
          let offset = layout.offset(ofGroup: group)
          let finish = ck_finish(
            bias: bias, residual: residual?.withPointer { $0 + offset }, rectified: 0)
          let scratchCount = weights.scratchCount(source: from, target: to)
          AlignedFloats.withTemporary(count: scratchCount) { scratch in
            weights.apply(
              from: start + source.layout.offset(ofGroup: group), from, to: target + offset, to,
              blocks: Workers.share(piece % parts, of: parts, count: layout.blockCount),
              finish: finish, scratch: scratch)
          }
        }
      }
    }
    return target
  }

  /// Adds the gradient of the weights to `weightGradient`, `[outputs, inputs, kernel, kernel]`.
  func addSlopes(
    _ source: BlockedImages, outputGradient: BlockedImages, to weightGradient: inout Tensor
  ) {
    let packing = packing
    if packing.count > Self.fewWeights {
      let sums = AlignedFloats(zeros: packing.count)
      let columns = packing.inputBlocks
      Workers.forEach(
        pieces: (packing.outputBlocks + 1) / 2 * columns, threads: threadCount
      ) { piece in
        let first = piece / columns * 2
        for group in 0..<input.groupCount {
          addSlopes(
            ofGroup: group, blocks: first..<min(first + 2, packing.outputBlocks),
            inputBlocks: piece % columns..<piece % columns + 1, source, outputGradient,
            to: sums.address)
        }
      }
      packing.add(sums, to: &weightGradient, threadCount: threadCount)
    } else {
      let pieces = min(Workers.reductionPieceCount, input.groupCount)
      let sums = AlignedFloats(count: packing.count * pieces)
      Workers.forEach(pieces: pieces, threads: threadCount) { piece in
        let part = sums.address + piece * packing.count
        part.update(repeating: 0, count: packing.count)
        for group in Workers.share(piece, of: pieces, count: input.groupCount) {
          addSlopes(
            ofGroup: group, blocks: 0..<packing.outputBlocks,
            inputBlocks: 0..<packing.inputBlocks, source, outputGradient, to: part)
        }
      }
      for piece in 1..<max(pieces, 1) {
        ck_add_f32(packing.count, sums.address + piece * packing.count, sums.address)
      }
      packing.add(sums, to: &weightGradient, threadCount: threadCount)
    }
  }

  private func addSlopes(
    ofGroup group: Int, blocks: Range<Int>, inputBlocks: Range<Int>, _ source: BlockedImages,
    _ gradient: BlockedImages, to sums: UnsafeMutablePointer<Float>
  ) {
    var (window, from, to) = (window.layout, input.group(group), output.group(group))
    source.withPointer { source in
      gradient.withPointer { gradient in
        ck_convolve_slopes_f32(
          &from, &to, &window, blocks.lowerBound, blocks.upperBound, inputBlocks.lowerBound,
          inputBlocks.upperBound, source + input.offset(ofGroup: group),
          gradient + output.offset(ofGroup: group), sums)
      }
    }
  }
}
