// SPDX-License-Identifier: Apache-2.0

extension EngineMachine {
  /// C = A B of square matrices by OpenBLAS on the calling thread: what a benchmark takes for the
  /// machine's ceiling.
  package static func multiply(_ a: Tensor, _ b: Tensor, into c: inout Tensor) {
    let side = a.shape[0]
    precondition(
      [a.shape, b.shape, c.shape].allSatisfy { $0 == [side, side] },
      "The matrices are \(a.shape), \(b.shape) and \(c.shape), not squares of one size.")
    a.withPointer { a in
      b.withPointer { b in
        c.withMutablePointer { c in
          MatrixProduct.compute(
            rows: side, columns: side, depth: side, .init(address: a, rowStride: side),
            .init(address: b, rowStride: side), into: c, rowStride: side, accumulate: false)
        }
      }
    }
  }
}
