// SPDX-License-Identifier: Apache-2.0

/// y = x Wᵀ + b for rows x: input `[batch, inputs]`, weight `[outputs, inputs]`, output `[batch,
/// outputs]`.
package struct Linear: Layer {
  /// The matrix, `[outputs, inputs]`.
  package var weight: Parameter
  /// One number an output, or nil.
  package var bias: Parameter?
  private var input: Tensor?

  /// Makes a layer with given weights.
  package init(weight: Tensor, bias: Tensor?) {
    precondition(weight.shape.count == 2, "A linear layer's weight is [outputs, inputs].")
    self.weight = Parameter(weight)
    self.bias = bias.map { Parameter($0) }
  }

  private var outputs: Int { weight.value.shape[0] }
  private var inputs: Int { weight.value.shape[1] }

  package mutating func visitParameters(
    prefix: String, _ body: (_ name: String, _ parameter: inout Parameter) -> Void
  ) {
    body(prefix + "weight", &weight)
    if bias != nil {
      var taken = kept(bias.take())
      body(prefix + "bias", &taken)
      bias = taken
    }
  }

  package func evaluate(_ input: consuming Tensor, threadCount: Int) -> Tensor {
    precondition(
      input.shape.count == 2 && input.shape[1] == inputs,
      "The linear layer takes [batch, \(inputs)], not \(input.shape).")
    let batch = input.shape[0]
    return Tensor(shape: [batch, outputs]) { (output: UnsafeMutablePointer<Float>) in
      if let bias {
        for place in 0..<batch * outputs { output[place] = bias.value[place % outputs] }
      }
      input.withPointer { input in
        weight.value.withPointer { weight in
          MatrixProduct.compute(
            rows: batch, columns: outputs, depth: inputs,
            .init(address: input, rowStride: inputs),
            .init(address: weight, rowStride: inputs, isTransposed: true), into: output,
            rowStride: outputs, accumulate: bias != nil)
        }
      }
    }
  }

  package mutating func forward(_ input: consuming Tensor, options: PassOptions) -> Tensor {
    self.input = copy input
    return evaluate(input, threadCount: options.threadCount)
  }

  package mutating func backward(
    _ outputGradient: consuming Tensor, needsInputGradient: Bool, threadCount: Int
  ) -> Tensor? {
    let input = kept(self.input.take())
    let batch = input.shape[0]
    let (outputs, inputs) = (outputs, inputs)
    precondition(
      outputGradient.shape == [batch, outputs],
      "The gradient has shape \(outputGradient.shape), unlike the output.")
    outputGradient.withPointer { gradient in
      bias?.gradient.withUnsafeMutableBufferPointer { bias in
        for place in 0..<batch * outputs { bias[place % outputs] += gradient[place] }
      }
      input.withPointer { input in
        weight.gradient.withMutablePointer { weightGradient in
          MatrixProduct.compute(
            rows: outputs, columns: inputs, depth: batch,
            .init(address: gradient, rowStride: outputs, isTransposed: true),
            .init(address: input, rowStride: inputs), into: weightGradient, rowStride: inputs,
            accumulate: true)
        }
      }
    }
    guard needsInputGradient else { return nil }
    return Tensor(shape: input.shape) { (target: UnsafeMutablePointer<Float>) in
      outputGradient.withPointer { gradient in
        weight.value.withPointer { weight in
          MatrixProduct.compute(
            rows: batch, columns: inputs, depth: outputs,
            .init(address: gradient, rowStride: outputs),
            .init(address: weight, rowStride: inputs), into: target, rowStride: inputs,
            accumulate: false)
        }
      }
    }
  }
}
