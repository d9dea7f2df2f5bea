// SPDX-License-Identifier: Apache-2.0

package import Acquisition
package import Neural
import Platform

/// A data set as batches for training.
package struct TrainingChips {
  package let chips: LabelledChips
  package let grid: PatchGrid
  private let high: ChipTensor
  private let low: ChipTensor

  package init(_ chips: LabelledChips, grid: PatchGrid, normalisation: Normalisation) {
    self.chips = chips
    self.grid = grid
    high = ChipTensor(
      bandCount: chips.bandCount, side: chips.side, grid: grid, normalisation: normalisation)
    low = ChipTensor(
      bandCount: chips.bandCount, side: chips.side / chips.zoom, grid: grid,
      normalisation: normalisation)
  }

  /// HR images, whole or masked, each in its view; `masks` count in the images as they are shown.
  package func highBatch(_ indices: [Int], views: [ChipView], masks: [PatchMask]? = nil) -> Tensor {
    chips.withHighSamples { batch(high, of: $0, indices, views: views, masks: masks) }
  }

  /// LR images, each in its view, whose shifts are whole LR pixels.
  package func lowBatch(_ indices: [Int], views: [ChipView]) -> Tensor {
    let views = views.map { $0.coarser(by: chips.zoom) }
    return chips.withLowSamples { batch(low, of: $0, indices, views: views, masks: nil) }
  }

  /// HR images as they are.
  package func highBatch(_ indices: [Int]) -> Tensor {
    highBatch(indices, views: [ChipView](repeating: .plain, count: indices.count))
  }

  /// LR images as they are.
  package func lowBatch(_ indices: [Int]) -> Tensor {
    lowBatch(indices, views: [ChipView](repeating: .plain, count: indices.count))
  }

  /// The truth of some images.
  func labels(_ indices: [Int]) -> [Int] { indices.map { chips.labels[$0] } }

  /// The steps of an epoch: the training images in a new order, in whole batches where there are
  /// enough for one.
  func steps(batchSize: Int, using generator: inout SeededGenerator) -> [[Int]] {
    let order = chips.indices(of: .train).shuffled(using: &generator)
    let size = min(batchSize, order.count)
    return stride(from: 0, through: order.count - size, by: max(size, 1)).map {
      Array(order[$0..<$0 + size])
    }
  }

  private func batch(
    _ form: ChipTensor, of samples: UnsafeBufferPointer<UInt8>, _ indices: [Int],
    views: [ChipView], masks: [PatchMask]?
  ) -> Tensor {
    var batch = form.empty(indices.count)
    batch.withUnsafeMutableBufferPointer { batch in
      for (place, index) in indices.enumerated() {
        guard let first = samples.baseAddress else { continue }
        form.write(
          first + index * form.sampleCount, mask: masks?[place], view: views[place], at: place,
          of: batch)
      }
    }
    return batch
  }
}

extension SeededGenerator {
  /// The randomness of one epoch of one stage: each epoch can be run alone.
  init(seed: UInt64, stage: TrainingStage, epoch: Int) {
    self.init(
      seed: seed &* 1_000_003 &+ UInt64(stage.seedNumber) &* 10_007_003 &+ UInt64(epoch))
  }

  /// A random view for each of `count` images.
  mutating func views(_ count: Int, _ augmentation: Augmentation, step: Int) -> [ChipView] {
    (0..<count).map { _ in augmentation.view(step: step, using: &self) }
  }
}
