// SPDX-License-Identifier: Apache-2.0
internal import Foundation

extension Tensor {
  /// The logistic function of each element.
  public func sigmoid() -> Tensor {
    Tensor(shape: shape, values: values.map { Float(Neural.sigmoid(Double($0))) })
  }

  /// The softmax over the last axis: each row sums to 1.
  public func softmax() -> Tensor {
    mapRows { row in
      let normaliser = logSumExp(row)
      for index in row.indices { row[index] = Float(exp(Double(row[index]) - normaliser)) }
    }
  }

  /// The logarithm of the softmax over the last axis, exact where the softmax would be 0.
  public func logSoftmax() -> Tensor {
    mapRows { row in
      let normaliser = logSumExp(row)
      for index in row.indices { row[index] = Float(Double(row[index]) - normaliser) }
    }
  }

  /// The position of the largest element of each row of the last axis, the first of equals.
  public func argmaxOfRows() -> [Int] {
    let length = max(shape.last ?? 1, 1)
    return withUnsafeBufferPointer { values in
      stride(from: 0, to: count, by: length).map { first in
        (0..<length).reduce(0) { values[first + $1] > values[first + $0] ? $1 : $0 }
      }
    }
  }

  private func mapRows(_ change: (UnsafeMutableBufferPointer<Float>) -> Void) -> Tensor {
    precondition(!shape.isEmpty, "A single number has no rows.")
    let length = max(shape.last ?? 1, 1)
    var result = self
    result.withUnsafeMutableBufferPointer { values in
      for first in stride(from: 0, to: values.count, by: length) {
        change(UnsafeMutableBufferPointer(rebasing: values[first..<first + length]))
      }
    }
    return result
  }
}

/// The logarithm of the sum of the exponentials, without overflow.
private func logSumExp(_ row: UnsafeMutableBufferPointer<Float>) -> Double {
  var largest = -Double.infinity
  for value in row { largest = max(largest, Double(value)) }
  var sum = 0.0
  for value in row { sum += exp(Double(value) - largest) }
  return largest + log(sum)
}

/// The logistic function, without overflow.
func sigmoid(_ logit: Double) -> Double {
  guard logit < 0 else { return 1 / (1 + exp(-logit)) }
  let odds = exp(logit)
  return odds / (1 + odds)
}

/// The logarithm of the logistic function, exact for logits far below 0.
func logSigmoid(_ logit: Double) -> Double {
  min(logit, 0) - log1p(exp(-abs(logit)))
}
