// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Neural

/// Some chips of a step, each under a mask: what is shown to the HR classifier.
struct MaskedChips {
  /// The images' places in the data set.
  var indices: [Int] = []
  /// How each is shown.
  var views: [ChipView] = []
  /// The mask of each, in the image as it is shown.
  var masks: [PatchMask] = []
  /// The LR classifier's logits of each, `[N]`.
  var lowLogits: [[Double]] = []

  mutating func append(
    _ index: Int, view: ChipView, mask: PatchMask, lowLogits: [Double]
  ) {
    indices.append(index)
    views.append(view)
    masks.append(mask)
    self.lowLogits.append(lowLogits)
  }

  /// The rows that the HR classifier is asked about: those with a patch.
  var bought: [Int] { masks.indices.filter { !masks[$0].isEmpty } }
}

/// The HR classifier's answers to masked chips, fused with the LR classifier's.
struct MaskedClassifier {
  let data: TrainingChips
  let fusion: Fusion

  private var patchCount: Int { data.grid.patchCount }

  /// The fused logits of each row, `[rows, N]`.
  ///
  /// - Parameter pass: the HR network's logits for a batch, `[batch, N]`.
  func logits(_ chips: MaskedChips, pass: (Tensor) -> Tensor) -> [[Double]] {
    var fused = chips.lowLogits
    let rows = chips.bought
    guard !rows.isEmpty else { return fused }
    let high = pass(
      data.highBatch(
        rows.map { chips.indices[$0] }, views: rows.map { chips.views[$0] },
        masks: rows.map { chips.masks[$0] }))
    for (place, row) in rows.enumerated() {
      fused[row] = fusion.logits(
        high: high.row(place), low: chips.lowLogits[row], boughtCount: chips.masks[row].count,
        patchCount: patchCount)
    }
    return fused
  }

  /// The mean loss of the bought rows, and its gradient with respect to the HR classifier's
  /// logits, `[bought rows, N]`; nil where nothing was bought.
  ///
  /// It is the cross-entropy, and with a teacher in part what the answers lack of the teacher's.
  func loss(
    _ chips: MaskedChips, logits: [[Double]], labels: [Int], teacher: Teacher?
  ) -> (loss: Double, gradient: Tensor)? {
    let rows = chips.bought
    guard let classCount = logits.first?.count, !rows.isEmpty else { return nil }
    let fused = Tensor(
      shape: [rows.count, classCount], values: rows.flatMap { logits[$0].map { Float($0) } })
    let truth = rows.map { labels[$0] }
    var (loss, gradient) =
      teacher?.loss(fused, images: rows.map { chips.indices[$0] }, labels: truth)
      ?? SoftmaxCrossEntropy().evaluate(fused, labels: truth)
    for (place, row) in rows.enumerated() {
      let weight = Float(
        fusion.weights(boughtCount: chips.masks[row].count, patchCount: patchCount).high)
      for column in 0..<classCount { gradient[place * classCount + column] *= weight }
    }
    return (loss, gradient)
  }
}

extension Tensor {
  /// One row of `[rows, columns]`.
  func row(_ index: Int) -> [Double] {
    let width = shape[1]
    return withUnsafeBufferPointer { $0[index * width..<(index + 1) * width].map { Double($0) } }
  }
}
