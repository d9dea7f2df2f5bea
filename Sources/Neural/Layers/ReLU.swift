// SPDX-License-Identifier: Apache-2.0
internal import CKernels

/// max(x, 0); the gradient at 0 is 0.
package struct ReLU: Layer {
  private var output: Tensor?

  /// Makes the layer; it has no weights.
  package init() {}

  package func evaluate(_ input: consuming Tensor, threadCount: Int) -> Tensor {
    let count = input.count
    input.withMutablePointer { ck_rectify_f32(count, $0, $0) }
    return input
  }

  package mutating func forward(_ input: consuming Tensor, options: PassOptions) -> Tensor {
    let result = evaluate(input, threadCount: options.threadCount)
    output = result
    return result
  }

  package mutating func backward(
    _ outputGradient: consuming Tensor, needsInputGradient: Bool, threadCount: Int
  ) -> Tensor? {
    let output = kept(self.output.take())
    guard needsInputGradient else { return nil }
    let count = output.count
    outputGradient.withMutablePointer { gradient in
      output.withPointer { ck_rectify_gradient_f32(count, $0, gradient) }
    }
    return outputGradient
  }
}
