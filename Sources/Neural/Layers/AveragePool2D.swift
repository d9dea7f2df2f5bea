// SPDX-License-Identifier: Apache-2.0
internal import CKernels

/// The mean of each window.
package struct AveragePool2D: Layer {
  /// What an output position reads.
  package let window: SlidingWindow
  /// Whether padding counts as zeros; else a window at the edge is divided by what it has inside.
  package let countsPadding: Bool
  private var inputShape: ImageShape?

  /// Makes the layer; it has no weights.
  package init(window: SlidingWindow, countsPadding: Bool = true) {
    precondition(
      2 * window.padding <= window.kernel, "A pooling window reaches into the image.")
    self.window = window
    self.countsPadding = countsPadding
  }

  package func plan(_ plan: inout PlanBuilder) {
    plan.pool(.mean(countsPadding: countsPadding), window: window)
  }

  package mutating func forward(
    _ input: consuming Activations, options: PassOptions
  ) -> Activations {
    let input = input.images(threadCount: options.threadCount)
    var output = BlockedImages(shape: input.shape.slid(by: window, channels: input.shape.channels))
    output.fillGroups(from: input, threadCount: options.threadCount) {
      from, to, source, target, _ in
      var window = window.layout
      ck_average_pool_f32(from, to, &window, countsPadding ? 1 : 0, source, target)
    }
    inputShape = input.shape
    return .images(output)
  }

  package mutating func backward(
    _ outputGradient: consuming Activations, needsInputGradient: Bool, threadCount: Int
  ) -> Activations? {
    let inputShape = kept(self.inputShape.take())
    guard needsInputGradient else { return nil }
    let gradient = outputGradient.images(threadCount: threadCount)
    var inputGradient = BlockedImages(shape: inputShape)
    inputGradient.fillGroups(from: gradient, threadCount: threadCount) {
      from, to, source, target, _ in
      var window = window.layout
      ck_average_pool_back_f32(to, from, &window, countsPadding ? 1 : 0, source, target)
    }
    return .images(inputGradient)
  }
}
