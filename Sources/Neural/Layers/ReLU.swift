// SPDX-License-Identifier: Apache-2.0
internal import CKernels

/// max(x, 0); the gradient at 0 is 0.
package struct ReLU: Layer {
  private var output: Tensor?

  /// Makes the layer; it has no weights.
  package init() {}

  package func plan(_ plan: inout PlanBuilder) {
    plan.rectify()
  }

  package mutating func forward(
    _ input: consuming Activations, options: PassOptions
  ) -> Activations {
    var output = input.tensor(threadCount: options.threadCount)
    let count = output.count
    output.withMutablePointer { ck_rectify_f32(count, $0, $0) }
    self.output = output
    return .plain(output)
  }

  package mutating func backward(
    _ outputGradient: consuming Activations, needsInputGradient: Bool, threadCount: Int
  ) -> Activations? {
    let output = kept(self.output.take())
    guard needsInputGradient else { return nil }
    var gradient = outputGradient.tensor(threadCount: threadCount)
    let count = output.count
    gradient.withMutablePointer { gradient in
      output.withPointer { ck_rectify_gradient_f32(count, $0, gradient) }
    }
    return .plain(gradient)
  }
}
