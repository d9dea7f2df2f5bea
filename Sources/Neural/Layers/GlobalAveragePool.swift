// SPDX-License-Identifier: Apache-2.0
internal import CKernels

/// The mean of each channel of each image: `[batch, channels, rows, columns]` to `[batch,
/// channels]`.
package struct GlobalAveragePool: Layer {
  private var inputShape: [Int]?

  /// Makes the layer; it has no weights.
  package init() {}

  package func evaluate(_ input: consuming Tensor, threadCount: Int) -> Tensor {
    let shape = ImageShape(input)
    return Tensor(shape: [shape.images, shape.channels]) { (output: UnsafeMutablePointer<Float>) in
      input.withPointer { input in
        for plane in 0..<shape.images * shape.channels {
          output[plane] =
            ck_sum_f32(shape.planeCount, input + plane * shape.planeCount)
            / Float(shape.planeCount)
        }
      }
    }
  }

  package mutating func forward(_ input: consuming Tensor, options: PassOptions) -> Tensor {
    inputShape = input.shape
    return evaluate(input, threadCount: options.threadCount)
  }

  package mutating func backward(
    _ outputGradient: consuming Tensor, needsInputGradient: Bool, threadCount: Int
  ) -> Tensor? {
    let inputShape = kept(self.inputShape.take())
    guard needsInputGradient else { return nil }
    let plane = inputShape[2] * inputShape[3]
    return Tensor(shape: inputShape) { (target: UnsafeMutablePointer<Float>) in
      outputGradient.withUnsafeBufferPointer { gradient in
        for (index, value) in gradient.enumerated() {
          (target + index * plane).update(repeating: value / Float(plane), count: plane)
        }
      }
    }
  }
}
