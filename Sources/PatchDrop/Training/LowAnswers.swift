// SPDX-License-Identifier: Apache-2.0

package import Neural

/// The LR classifier's answers while others are trained.
///
/// A classifier is surer of images that it was trained on than it will be of others, and what is
/// trained against such answers learns to trust them too much. With folds, an image is answered by
/// a network of the same kind that has not seen it.
package struct LowAnswers {
  /// The LR classifier, for all images but those of the folds.
  let network: Network
  /// The networks of the folds; empty where the classifier answers itself.
  let folds: [Network]
  /// The fold of each training image, by its place in the data set.
  private let foldOfImage: [Int: Int]

  package init(_ network: Network, folds: [Network] = [], data: TrainingChips) {
    self.network = network
    self.folds = folds
    foldOfImage = Self.folds(count: folds.count, data: data)
  }

  /// Which fold each training image is in: one after the other, so that each fold has its share of
  /// each class.
  static func folds(count: Int, data: TrainingChips) -> [Int: Int] {
    guard count > 0 else { return [:] }
    return Dictionary(
      uniqueKeysWithValues: data.chips.indices(of: .train).enumerated().map { ($1, $0 % count) })
  }

  /// The logits of some images, `[images, N]`.
  ///
  /// - Parameters:
  ///   - images: the images' places in the data set.
  ///   - pixels: how they are shown, `[images, bands, rows, columns]`.
  package func logits(_ images: [Int], pixels: Tensor) -> Tensor {
    // Images of other splits are in no fold, and never mixed with those that are.
    guard !folds.isEmpty, images.contains(where: { foldOfImage[$0] != nil }) else {
      return network.evaluate(pixels)
    }
    let classCount = network.description.outputs
    var answers = Tensor(shape: [images.count, classCount])
    for (fold, network) in folds.enumerated() {
      let rows = images.indices.filter { foldOfImage[images[$0]] == fold }
      guard !rows.isEmpty else { continue }
      let part = network.evaluate(pixels.rows(rows))
      for (place, row) in rows.enumerated() {
        for column in 0..<classCount {
          answers[row * classCount + column] = part[place * classCount + column]
        }
      }
    }
    return answers
  }
}

extension Tensor {
  /// Some images of a batch, or rows of a table, in a new one.
  fileprivate func rows(_ rows: [Int]) -> Tensor {
    let size = count / max(shape[0], 1)
    return Tensor(shape: [rows.count] + shape.dropFirst()) { target in
      withUnsafeBufferPointer { source in
        for (place, row) in rows.enumerated() {
          for offset in 0..<size { target[place * size + offset] = source[row * size + offset] }
        }
      }
    }
  }
}
