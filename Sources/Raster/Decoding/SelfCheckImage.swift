// SPDX-License-Identifier: Apache-2.0

import CGDAL
import Foundation

/// A TIFF of four pixels that every decoder must be able to read.
enum SelfCheckImage {
  /// What is in it, row by row.
  static let samples: [UInt8] = [1, 2, 3, 4]
  static let expectation = DecodeExpectation(
    width: 2, height: 2, bandCount: 1, pixelType: .uint8)

  /// The file: a head, one directory of nine tags, four bytes of pixels.
  static let file: [UInt8] = {
    let tags: [(tag: UInt16, value: UInt16)] = [
      (256, 2), (257, 2), (258, 8), (259, 1), (262, 1), (273, 122), (277, 1), (278, 2), (279, 4),
    ]
    var fields = FieldWriter()
    for number: UInt16 in [0x4949, 42, 8, 0, UInt16(tags.count)] { fields.add(number) }
    for (tag, value) in tags {
      for number in [tag, 3, 1, 0, value, 0] { fields.add(number) }
    }
    fields.add(UInt32(0))
    return fields.bytes + samples
  }()

  /// Decodes it in this process, which makes the libraries ready.
  static func decodesInThisProcess() -> Bool {
    defer { VSIUnlink(DecodedSource.path) }
    var bytes = file
    return bytes.withUnsafeMutableBytes { bytes in
      let source = try? DecodedSource(bytes, expecting: expectation)
      guard let source else { return false }
      let window: Window<UInt8>? = try? source.read(expectation.bounds)
      return window?.samples == samples
    }
  }
}
