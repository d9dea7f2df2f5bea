// SPDX-License-Identifier: Apache-2.0
internal import CKernels

/// One number a channel, filled up with zeros to whole blocks.
struct ChannelVector: Sendable {
  private let storage: AlignedFloats

  /// Takes the numbers of a tensor `[channels]`.
  init(_ tensor: Tensor) {
    storage = AlignedFloats(zeros: PackedWeights.Packing.blocks(tensor.count) * Int(CK_LANES))
    for channel in 0..<tensor.count { storage.address[channel] = tensor[channel] }
  }

  /// The first number; the vector must outlive its use.
  var address: UnsafePointer<Float> { UnsafePointer(storage.address) }
}

/// Two sums of each channel over a batch, in an order that does not depend on threads.
struct ChannelSums {
  /// The first sum of each channel, and of the lanes beyond the last.
  let first: [Double]
  /// The second sum.
  let second: [Double]

  /// Sums over all blocks of channels of all groups.
  ///
  /// `add` is given the number of vectors of a block, its first float, its first channel, and
  /// where its sums `[2][lanes]` are to be added.
  init(
    over layout: BlockedLayout, threadCount: Int,
    _ add: (
      _ vectors: Int, _ offset: Int, _ channel: Int, _ sums: UnsafeMutablePointer<Double>
    ) -> Void
  ) {
    let (lanes, blocks) = (layout.lanes, layout.blockCount)
    var parts = [Double](repeating: 0, count: layout.groupCount * blocks * 2 * lanes)
    parts.withUnsafeMutableBufferPointer { parts in
      let parts = kept(parts.baseAddress)
      layout.forEachBlock(threadCount: threadCount) { vectors, offset, block, call in
        add(vectors, offset, block * lanes, parts + call * 2 * lanes)
      }
    }
    var first = [Double](repeating: 0, count: blocks * lanes)
    var second = first
    for group in 0..<layout.groupCount {
      for channel in first.indices {
        let part = (group * blocks + channel / lanes) * 2 * lanes + channel % lanes
        first[channel] += parts[part]
        second[channel] += parts[part + lanes]
      }
    }
    self.first = first
    self.second = second
  }
}
