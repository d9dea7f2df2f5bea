// SPDX-License-Identifier: Apache-2.0
internal import CKernels

/// The largest value in each window; padding never wins, and of equal values the first in row
/// order takes the gradient.
package struct MaxPool2D: Layer {
  /// What an output position reads.
  package let window: SlidingWindow
  private var memory: (input: BlockedImages, output: BlockedImages)?

  /// Makes the layer; it has no weights.
  package init(window: SlidingWindow) {
    precondition(
      2 * window.padding <= window.kernel, "A pooling window reaches into the image.")
    self.window = window
  }

  package func plan(_ plan: inout PlanBuilder) {
    plan.pool(.largest, window: window)
  }

  package mutating func forward(
    _ input: consuming Activations, options: PassOptions
  ) -> Activations {
    let input = input.images(threadCount: options.threadCount)
    var output = BlockedImages(shape: input.shape.slid(by: window, channels: input.shape.channels))
    output.fillGroups(from: input, threadCount: options.threadCount) {
      from, to, source, target, _ in
      var window = window.layout
      ck_max_pool_f32(from, to, &window, source, target)
    }
    memory = (input, output)
    return .images(output)
  }

  package mutating func backward(
    _ outputGradient: consuming Activations, needsInputGradient: Bool, threadCount: Int
  ) -> Activations? {
    let (input, output) = kept(memory.take())
    guard needsInputGradient else { return nil }
    var gradient = outputGradient.images(threadCount: threadCount)
    var inputGradient = BlockedImages(shape: input.shape)
    let layout = output.layout
    gradient.withMutablePointer { gradient in
      output.withPointer { output in
        inputGradient.fillGroups(from: input, threadCount: threadCount) {
          from, _, source, target, group in
          var (window, to) = (window.layout, layout.group(group))
          let offset = layout.offset(ofGroup: group)
          ck_max_pool_back_f32(
            from, &to, &window, source, output + offset, gradient + offset, target)
        }
      }
    }
    return .images(inputGradient)
  }
}
