// SPDX-License-Identifier: Apache-2.0
internal import CKernels

/// A convolution's weights in the order in which the kernels read them.
struct PackedWeights: Sendable {
  /// The shape of weights and how they are packed.
  struct Packing: Sendable {
    let outputs: Int
    let inputs: Int
    let taps: Int
    let lanes: Int

    var outputBlocks: Int { Packing.blocks(outputs) }
    var inputBlocks: Int { (inputs + lanes - 1) / lanes }
    /// The floats of weights packed forward, zeros among them.
    var count: Int { outputBlocks * inputBlocks * taps * lanes * Int(CK_LANES) }
    /// The floats of weights packed for the way back.
    var backCount: Int {
      outputBlocks * Packing.blocks(inputs) * taps * Int(CK_LANES * CK_LANES)
    }

    private var layout: ck_weights {
      ck_weights(outputs: outputs, inputs: inputs, taps: taps, lanes: lanes)
    }

    static func blocks(_ channels: Int) -> Int {
      (channels + Int(CK_LANES) - 1) / Int(CK_LANES)
    }

    /// Packs saved weights.
    fileprivate func pack(
      _ weight: Tensor, direction: Direction, threadCount: Int
    ) -> AlignedFloats {
      let packed = AlignedFloats(count: direction == .forward ? count : backCount)
      let blocks = direction == .forward ? outputBlocks : Packing.blocks(inputs)
      weight.withPointer { plain in
        Workers.forEach(pieces: blocks, threads: threadCount) { block in
          var layout = layout
          if direction == .forward {
            ck_pack_weights_f32(&layout, block, plain, packed.address)
          } else {
            ck_pack_weights_back_f32(&layout, block, plain, packed.address)
          }
        }
      }
      return packed
    }

    /// Adds packed sums to saved weights' gradient.
    func add(_ sums: AlignedFloats, to gradient: inout Tensor, threadCount: Int) {
      gradient.withMutablePointer { plain in
        Workers.forEach(pieces: outputBlocks, threads: threadCount) { block in
          var layout = layout
          ck_add_packed_f32(&layout, block, sums.address, plain)
        }
      }
    }
  }

  /// Which pass reads the weights.
  enum Direction: Sendable {
    case forward
    case back
  }

  private let packing: Packing
  private let window: SlidingWindow
  private let direction: Direction
  /// Whether the weights are transformed for Winograd's convolution.
  private let isTransformed: Bool
  private let storage: AlignedFloats

  /// Packs weights `[outputs, inputs, kernel, kernel]` for a pass over images of one shape.
  init(
    _ weight: Tensor, window: SlidingWindow, direction: Direction, images: ck_images,
    threadCount: Int
  ) {
    let isForward = direction == .forward
    let packing = Packing(
      outputs: weight.shape[0], inputs: weight.shape[1], taps: window.kernel * window.kernel,
      lanes: isForward ? images.lanes : Int(CK_LANES))
    let targets = isForward ? packing.outputs : packing.inputs
    var (images, layout) = (images, window.layout)
    self.packing = packing
    self.window = window
    self.direction = direction
    isTransformed = ck_winograd_suits(&images, &layout, targets) != 0
    let packed = packing.pack(weight, direction: direction, threadCount: threadCount)
    storage =
      isTransformed
      ? packing.transform(packed, direction: direction, threadCount: threadCount) : packed
  }

  /// Into how many parts a group's target blocks may be cut for threads.
  func partCount(blocks: Int) -> Int { isTransformed ? 1 : max(1, blocks / 4) }

  /// The working memory that `apply` needs, in floats.
  func scratchCount(source: ck_images, target: ck_images) -> Int {
    guard isTransformed else { return 0 }
    var source = source
    return ck_winograd_scratch_floats(&source, target.channels)
  }

  /// Convolves one group, or leads its gradient back, for some blocks of the target.
  func apply(
    from source: UnsafePointer<Float>, _ sourceLayout: ck_images,
    to target: UnsafeMutablePointer<Float>, _ targetLayout: ck_images, blocks: Range<Int>,
    finish: ck_finish, scratch: UnsafeMutablePointer<Float>
  ) {
    var (from, to, finish, window) = (sourceLayout, targetLayout, finish, window.layout)
    let (first, end) = (blocks.lowerBound, blocks.upperBound)
    if isTransformed {
      ck_winograd_f32(&from, &to, storage.address, &finish, scratch, source, target)
    } else if direction == .forward {
      ck_convolve_f32(
        &from, &to, &window, first, end, storage.address, &finish, source, target)
    } else {
      ck_convolve_back_f32(
        &to, &from, &window, first, end, storage.address, &finish, source, target)
    }
  }
}

extension PackedWeights.Packing {
  /// Transforms packed weights for Winograd's convolution.
  fileprivate func transform(
    _ packed: AlignedFloats, direction: PackedWeights.Direction, threadCount: Int
  ) -> AlignedFloats {
    let isBack = direction == .back
    let (sources, targets) = isBack ? (outputs, inputs) : (inputs, outputs)
    let transformed = AlignedFloats(count: ck_winograd_weights_floats(sources, targets))
    Workers.forEach(pieces: Self.blocks(targets), threads: threadCount) { block in
      ck_winograd_weights_f32(
        sources, targets, block, isBack ? 1 : 0, packed.address, transformed.address)
    }
    return transformed
  }
}
