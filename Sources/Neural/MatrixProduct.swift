// SPDX-License-Identifier: Apache-2.0
internal import COpenBLAS

/// Products of row-major float32 matrices, by OpenBLAS on the calling thread.
enum MatrixProduct {
  /// OpenBLAS starts threads of its own when it is loaded; the engine splits the work itself.
  private static let singleThreaded: Void = openblas_set_num_threads(1)

  /// A matrix in memory: its address, the distance between rows, and whether it is to be read as
  /// its transpose.
  struct Operand {
    let address: UnsafePointer<Float>
    let rowStride: Int
    var isTransposed = false
  }

  /// C = A B, or C += A B, where A is `rows` x `depth` and B is `depth` x `columns`.
  static func compute(
    rows: Int, columns: Int, depth: Int, _ a: Operand, _ b: Operand,
    into c: UnsafeMutablePointer<Float>, rowStride: Int, accumulate: Bool
  ) {
    _ = singleThreaded
    cblas_sgemm(
      CblasRowMajor, a.isTransposed ? CblasTrans : CblasNoTrans,
      b.isTransposed ? CblasTrans : CblasNoTrans, blasint(rows), blasint(columns), blasint(depth),
      1, a.address, blasint(a.rowStride), b.address, blasint(b.rowStride), accumulate ? 1 : 0, c,
      blasint(rowStride))
  }
}
