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
  enum Direction {
    case forward
    case back
  }

  private let storage: AlignedFloats

  /// Packs weights `[outputs, inputs, kernel, kernel]`.
  init(_ weight: Tensor, _ packing: Packing, direction: Direction, threadCount: Int) {
    storage = packing.pack(weight, direction: direction, threadCount: threadCount)
  }

  /// The first float; the weights must outlive its use.
  var address: UnsafePointer<Float> { UnsafePointer(storage.address) }
}
