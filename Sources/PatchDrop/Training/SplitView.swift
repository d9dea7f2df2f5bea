// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Neural

/// The images of one split as they are, with the LR classifier's logits: what checkpoints,
/// thresholds and temperatures are chosen on.
struct SplitView {
  /// How a set of masks does.
  struct Outcome {
    /// The fused logits of each image.
    let logits: [[Double]]
    /// The share of right answers.
    let accuracy: Double
    /// The mean probability of the truth.
    let trueProbability: Double
  }

  let data: TrainingChips
  let indices: [Int]
  let labels: [Int]
  let lowLogits: [[Double]]
  private static let batchSize = 64

  init(data: TrainingChips, split: DataSplit, lowNetwork: Network) {
    self.data = data
    indices = data.chips.indices(of: split)
    labels = data.labels(indices)
    lowLogits = Self.batches(of: indices).flatMap { part in
      let logits = lowNetwork.evaluate(data.lowBatch(part, turned: part.map { _ in .identity }))
      return part.indices.map { logits.row($0) }
    }
  }

  /// The policy's keep probabilities of each image, `[images, P]`.
  func keepProbabilities(_ policy: PolicyNetwork) -> [[Double]] {
    Self.batches(of: indices).flatMap { part in
      let logits = policy.evaluate(data.lowBatch(part, turned: part.map { _ in .identity }))
      return part.indices.map { MaskPolicy(logits: logits.row($0)).keepProbabilities }
    }
  }

  /// The answers under given masks, one an image.
  func outcome(masks: [PatchMask], network: Network, fusion: Fusion) -> Outcome {
    let classifier = MaskedClassifier(data: data, fusion: fusion)
    var logits: [[Double]] = []
    for first in stride(from: 0, to: indices.count, by: Self.batchSize) {
      var chips = MaskedChips()
      for row in first..<min(first + Self.batchSize, indices.count) {
        chips.append(indices[row], turned: .identity, mask: masks[row], lowLogits: lowLogits[row])
      }
      logits += classifier.logits(chips) { network.evaluate($0) }
    }
    let count = Double(max(indices.count, 1))
    let right = zip(logits, labels).count { Calibration.bestIndex($0) == $1 }
    let truth = zip(logits, labels).reduce(0) { $0 + Calibration.softmax($1.0)[$1.1] }
    return Outcome(
      logits: logits, accuracy: Double(right) / count, trueProbability: truth / count)
  }

  /// The largest keep threshold's complement: the lowest threshold under which a chip buys at most
  /// `patches` patches in the mean.
  static func threshold(_ keepProbabilities: [[Double]], patches: Double) -> Double {
    let all = keepProbabilities.flatMap { $0 }.sorted(by: >)
    let allowed = Int(patches * Double(keepProbabilities.count))
    guard allowed < all.count else { return 0 }
    // Strictly above the first value that must not be bought; ties are not bought.
    return all[allowed]
  }

  private static func batches(of indices: [Int]) -> [[Int]] {
    stride(from: 0, to: indices.count, by: batchSize).map {
      Array(indices[$0..<min($0 + batchSize, indices.count)])
    }
  }
}
