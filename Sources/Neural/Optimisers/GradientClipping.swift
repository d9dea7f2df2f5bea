// SPDX-License-Identifier: Apache-2.0
internal import CKernels

/// Gradients bounded by their common Euclidean norm (Pascanu and others 2013).
package enum GradientClipping {
  /// Scales all gradients that `visit` leads to down to `norm`, and returns what it was.
  @discardableResult
  package static func clip(
    toNorm norm: Double,
    _ visit: ((_ name: String, _ parameter: inout Parameter) -> Void) -> Void
  ) -> Double {
    var squares = 0.0
    visit { _, parameter in
      let count = parameter.gradient.count
      parameter.gradient.withPointer { squares += Double(ck_squared_norm_f32(count, $0)) }
    }
    let found = squares.squareRoot()
    // The addend is PyTorch's, so that both clip to the same numbers.
    let scale = Float(norm / (found + 1e-6))
    guard scale < 1 else { return found }
    visit { _, parameter in
      parameter.gradient.withUnsafeMutableBufferPointer { gradient in
        for index in gradient.indices { gradient[index] *= scale }
      }
    }
    return found
  }
}
