// SPDX-License-Identifier: Apache-2.0

import Neural

/// A trained network's answers to whole HR images, for another one to learn from.
struct Teacher {
  private let form: DistillationLoss
  private let classCount: Int
  /// The logits of each training image, by its place in the data set.
  private let logits: [Int: [Float]]

  /// Asks a network about all training images as they are.
  ///
  /// - Parameter options: nil makes no teacher.
  init?(_ options: DistillationOptions?, network: Network, data: TrainingChips) {
    guard let options, options.share > 0 else { return nil }
    form = DistillationLoss(temperature: options.temperature, alpha: options.share)
    classCount = network.description.outputs
    let view = SplitView(data: data, split: .train)
    logits = Dictionary(
      uniqueKeysWithValues: zip(
        view.indices, view.highLogits(network).map { $0.map { Float($0) } }))
  }

  /// The loss of a student's logits, `[images, N]`, and its gradient.
  func loss(
    _ student: Tensor, images: [Int], labels: [Int]
  ) -> (loss: Double, gradient: Tensor) {
    let told = Tensor(
      shape: [images.count, classCount], values: images.flatMap { logits[$0] ?? [] })
    return form.evaluate(student, teacher: told, labels: labels)
  }
}
