// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The samples of many images: in memory, or in a file that the system maps page by page.
enum SampleMemory: Sendable {
  case array([UInt8])
  case mapped(Data)

  var count: Int {
    switch self {
    case .array(let samples): samples.count
    case .mapped(let data): data.count
    }
  }

  func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    switch self {
    case .array(let samples): samples.withUnsafeBufferPointer(body)
    case .mapped(let data):
      data.withUnsafeBytes { body($0.assumingMemoryBound(to: UInt8.self)) }
    }
  }

  /// Some of the samples; copied where they are mapped.
  func slice(_ range: Range<Int>) -> ArraySlice<UInt8> {
    switch self {
    case .array(let samples): samples[range]
    case .mapped: withBytes { Array($0[range]) }[...]
    }
  }
}
