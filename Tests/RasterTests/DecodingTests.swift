// SPDX-License-Identifier: Apache-2.0

import Foundation
import Raster
import TestSupport
import Testing

/// The confined decoder as its callers see it: pixels, checksums, parts, refusals.
@Suite(.timeLimit(.minutes(3))) struct DecodingTests {
  @Test func `it decodes its own image, and says how it is confined`() throws {
    let decoder = RasterDecoder()
    let state = try decoder.check()
    #expect(state.program.lastPathComponent == "fovea-decode")
    #expect(state.landlockVersion != nil)
    let clock = ContinuousClock()
    let again = try clock.measure { for _ in 0..<20 { _ = try decoder.check() } }
    print("one file in a running decoder: \(again / 20)")
    let started = try clock.measure { _ = try RasterDecoder().check() }
    print("the first file, with the start of a decoder: \(started)")
  }
}
