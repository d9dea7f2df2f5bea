// SPDX-License-Identifier: Apache-2.0

/// Functions that keep the shape: of each element, or of each row of the last axis.
public enum Activation: DifferentiableOperation, Equatable {
  /// x above 0, and `slope` times x elsewhere (Maas and others 2013); at 0 the derivative is
  /// `slope`.
  case leakyReLU(slope: Float)
  /// The logistic function.
  case sigmoid
  /// The softmax of each row.
  case softmax
  /// The logarithm of the softmax of each row.
  case logSoftmax

  /// The output, of the input's shape.
  public func evaluate(_ input: Tensor, threadCount: Int) -> Tensor {
    switch self {
    case .leakyReLU(let slope): pairs(input, input) { $1 > 0 ? $0 : slope * $0 }
    case .sigmoid: input.sigmoid()
    case .softmax: input.softmax()
    case .logSoftmax: input.logSoftmax()
    }
  }

  /// The gradient with respect to the input, of its shape.
  public func gradient(
    _ outputGradient: Tensor, at input: Tensor, threadCount: Int
  ) -> Tensor {
    checkGradient(outputGradient, isOf: input.shape)
    switch self {
    case .leakyReLU(let slope):
      return pairs(outputGradient, input) { $1 > 0 ? $0 : slope * $0 }
    case .sigmoid:
      // s(x) s(-x), because 1 - s(x) would lose its digits for large x.
      return pairs(outputGradient, input) {
        Float(Double($0) * Neural.sigmoid(Double($1)) * Neural.sigmoid(-Double($1)))
      }
    case .softmax:
      return rows(outputGradient, input.softmax()) { gradient, output in
        let mean = zip(gradient, output).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        for index in gradient.indices {
          gradient[index] = Float(Double(output[index]) * (Double(gradient[index]) - mean))
        }
      }
    case .logSoftmax:
      return rows(outputGradient, input.softmax()) { gradient, output in
        let sum = gradient.reduce(0.0) { $0 + Double($1) }
        for index in gradient.indices {
          gradient[index] = Float(Double(gradient[index]) - Double(output[index]) * sum)
        }
      }
    }
  }

  private func pairs(
    _ first: Tensor, _ second: Tensor, _ combine: (Float, Float) -> Float
  ) -> Tensor {
    var result = first
    result.withUnsafeMutableBufferPointer { result in
      second.withUnsafeBufferPointer { second in
        for index in result.indices { result[index] = combine(result[index], second[index]) }
      }
    }
    return result
  }

  /// Calls `change` with each row of a copy of `gradient`, and the same row of `output`.
  private func rows(
    _ gradient: Tensor, _ output: Tensor,
    _ change: (UnsafeMutableBufferPointer<Float>, UnsafeBufferPointer<Float>) -> Void
  ) -> Tensor {
    let length = max(output.shape.last ?? 1, 1)
    var result = gradient
    result.withUnsafeMutableBufferPointer { result in
      output.withUnsafeBufferPointer { output in
        for first in stride(from: 0, to: result.count, by: length) {
          change(
            UnsafeMutableBufferPointer(rebasing: result[first..<first + length]),
            UnsafeBufferPointer(rebasing: output[first..<first + length]))
        }
      }
    }
    return result
  }
}
