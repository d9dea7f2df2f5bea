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

  package func plan(_ plan: inout PlanBuilder) {
    plan.multiply(by: weight.value, bias: bias?.value)
  }

  package mutating func forward(
    _ input: consuming Activations, options: PassOptions
  ) -> Activations {
    let rows = input.tensor(threadCount: options.threadCount)
    precondition(
      rows.shape.count == 2 && rows.shape[1] == inputs,
      "The linear layer takes [batch, \(inputs)], not \(rows.shape).")
    self.input = rows
    return .plain(
      Tensor(shape: [rows.shape[0], outputs]) { (output: UnsafeMutablePointer<Float>) in
        rows.withPointer { apply(to: $0, rows: rows.shape[0], into: output) }
      })
  }

  private func apply(
    to input: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>
  ) {
    if let bias {
      bias.value.withPointer { bias in
        for row in 0..<rows {
          (output + row * outputs).update(from: bias, count: outputs)
        }
      }
    }
    weight.value.withPointer { weight in
      MatrixProduct.compute(
        rows: rows, columns: outputs, depth: inputs, .init(address: input, rowStride: inputs),
        .init(address: weight, rowStride: inputs, isTransposed: true), into: output,
        rowStride: outputs, accumulate: bias != nil)
    }
  }

  package mutating func backward(
    _ outputGradient: consuming Activations, needsInputGradient: Bool, threadCount: Int
  ) -> Activations? {
    let input = kept(self.input.take())
    let outputGradient = outputGradient.tensor(threadCount: threadCount)
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
    let inputGradient = Tensor(shape: input.shape) { (target: UnsafeMutablePointer<Float>) in
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
    return .plain(inputGradient)
  }
}
