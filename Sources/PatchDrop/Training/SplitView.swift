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
    /// Which answers are right.
    let isRight: [Bool]
    /// The probability of the truth in each answer.
    let trueProbabilities: [Double]

    /// The share of right answers.
    var accuracy: Double { Double(isRight.count { $0 }) / Double(max(isRight.count, 1)) }
    /// The mean probability of the truth.
    var trueProbability: Double {
      trueProbabilities.reduce(0, +) / Double(max(isRight.count, 1))
    }
  }

  let data: TrainingChips
  let indices: [Int]
  let labels: [Int]
  let lowLogits: [[Double]]
  private let low: LowAnswers?
  private static let batchSize = 64

  /// Looks at a split.
  ///
  /// - Parameter low: the LR classifier; without one there are no LR logits.
  init(data: TrainingChips, split: DataSplit, low: LowAnswers? = nil) {
    self.data = data
    self.low = low
    indices = data.chips.indices(of: split)
    labels = data.labels(indices)
    guard let low else {
      lowLogits = []
      return
    }
    lowLogits = Self.batches(of: indices).flatMap { part in
      low.logits(part, pixels: data.lowBatch(part)).rows()
    }
  }

  /// An HR network's answers to the whole images, `[images, N]`.
  func highLogits(_ network: Network) -> [[Double]] {
    Self.batches(of: indices).flatMap { network.evaluate(data.highBatch($0)).rows() }
  }

  /// The policy's keep probabilities of each image, `[images, P]`.
  func keepProbabilities(_ policy: PolicyNetwork) -> [[Double]] {
    Self.batches(of: indices).flatMap { part in
      let pixels = data.lowBatch(part)
      let low = low?.logits(part, pixels: pixels) ?? Tensor(shape: [part.count, 0])
      return policy.evaluate(pixels, lowLogits: low).rows().map {
        MaskPolicy(logits: $0).keepProbabilities
      }
    }
  }

  /// The answers under given masks, one an image.
  func outcome(masks: [PatchMask], network: Network, fusion: Fusion) -> Outcome {
    let classifier = MaskedClassifier(data: data, fusion: fusion)
    var logits: [[Double]] = []
    for first in stride(from: 0, to: indices.count, by: Self.batchSize) {
      var chips = MaskedChips()
      for row in first..<min(first + Self.batchSize, indices.count) {
        chips.append(indices[row], view: .plain, mask: masks[row], lowLogits: lowLogits[row])
      }
      logits += classifier.logits(chips) { network.evaluate($0) }
    }
    return Outcome(
      logits: logits, isRight: zip(logits, labels).map { Calibration.bestIndex($0) == $1 },
      trueProbabilities: zip(logits, labels).map { Calibration.softmax($0)[$1] })
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

extension Tensor {
  /// All rows of `[rows, columns]`.
  func rows() -> [[Double]] { (0..<shape[0]).map { row($0) } }
}
