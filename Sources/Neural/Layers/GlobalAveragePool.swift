// SPDX-License-Identifier: Apache-2.0
internal import CKernels

/// The mean over each channel of an image: from `[batch, channels, rows, columns]` to `[batch,
/// channels]`.
package struct GlobalAveragePool: Layer {
  private var inputShape: ImageShape?

  /// Makes the layer; it has no weights.
  package init() {}

  package func plan(_ plan: inout PlanBuilder) {
    plan.averageGlobally()
  }

  package mutating func forward(
    _ input: consuming Activations, options: PassOptions
  ) -> Activations {
    let input = input.images(threadCount: options.threadCount)
    inputShape = input.shape
    var output = BlockedImages(shape: input.shape.shrunkToPixel)
    output.fillGroups(from: input, threadCount: options.threadCount) { from, _, source, target, _ in
      ck_global_mean_f32(from, source, target)
    }
    let rows = output.tensor(threadCount: options.threadCount)
    return .plain(rows.reshaped([input.shape.images, input.shape.channels]))
  }

  package mutating func backward(
    _ outputGradient: consuming Activations, needsInputGradient: Bool, threadCount: Int
  ) -> Activations? {
    let shape = kept(inputShape.take())
    guard needsInputGradient else { return nil }
    let rows = outputGradient.tensor(threadCount: threadCount)
    let gradient = BlockedImages(
      rows.reshaped(shape.shrunkToPixel.dimensions), threadCount: threadCount)
    var inputGradient = BlockedImages(shape: shape)
    inputGradient.fillGroups(from: gradient, threadCount: threadCount) { _, to, source, target, _ in
      ck_global_mean_back_f32(to, source, target)
    }
    return .images(inputGradient)
  }
}
