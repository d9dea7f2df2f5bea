// SPDX-License-Identifier: Apache-2.0

import Testing
import Vendors

/// When a host is left alone, and when it is tried again.
@Suite struct CircuitTests {
  private let start = ContinuousClock.now
  private var circuit = Circuit()

  private func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

  @Test mutating func `it opens after five failures in a row, not before`() {
    for _ in 0..<4 { circuit.failed(at: at(0)) }
    circuit.succeeded()
    for _ in 0..<4 { circuit.failed(at: at(1)) }
    #expect(circuit.admit(at: at(1)) == .proceed)
    circuit.failed(at: at(2))
    #expect(circuit.isOpen)
    #expect(circuit.admit(at: at(12)) == .wait(.seconds(50)))
  }

  @Test mutating func `one probe a minute, which closes it or not`() {
    for _ in 0..<5 { circuit.failed(at: at(0)) }
    #expect(circuit.admit(at: at(60)) == .probe)
    #expect(circuit.admit(at: at(60)) == .wait(.seconds(60)))
    circuit.failed(at: at(65))
    #expect(circuit.admit(at: at(124)) == .wait(.seconds(1)))
    #expect(circuit.admit(at: at(125)) == .probe)
    circuit.succeeded()
    #expect(!circuit.isOpen)
    #expect(circuit.admit(at: at(125)) == .proceed)
  }

  @Test mutating func `a probe that is never heard of again does not close a host off`() {
    for _ in 0..<5 { circuit.failed(at: at(0)) }
    #expect(circuit.admit(at: at(100)) == .probe)
    #expect(circuit.admit(at: at(160)) == .probe)
  }

  @Test func `only a host's own failures count`() {
    #expect(VendorError.unavailable(vendor: "v", reason: "").countsAgainstHost)
    #expect(VendorError.malformedAnswer(vendor: "v", reason: "").countsAgainstHost)
    #expect(!VendorError.refused(vendor: "v", status: 404, reason: "").countsAgainstHost)
    #expect(!VendorError.rateLimited(vendor: "v", retryAfter: nil).countsAgainstHost)
  }
}
