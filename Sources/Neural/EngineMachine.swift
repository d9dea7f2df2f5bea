// SPDX-License-Identifier: Apache-2.0
internal import CKernels
internal import COpenBLAS

/// What the engine found on this machine; name both beside any figure of speed.
public enum EngineMachine {
  /// The kernels that OpenBLAS chose, or that `OPENBLAS_CORETYPE` told it to use.
  public static var blasCore: String { String(cString: openblas_get_corename()) }

  /// The instruction set that direct convolutions use.
  public static var instructionSet: String { String(cString: ck_isa()) }

  /// Calls `body` with direct convolutions of the calling thread on another instruction set, or
  /// returns nil where the machine lacks it.
  package static func withInstructionSet<Result>(
    _ name: String, _ body: () throws -> Result
  ) rethrows -> Result? {
    let best = instructionSet
    guard ck_isa_choose(name) == 0 else { return nil }
    defer { ck_isa_choose(best) }
    return try body()
  }
}
