// SPDX-License-Identifier: Apache-2.0

/// The sizes that a TIFF image names for itself, each within its limit.
struct TIFFShape: Hashable, Sendable {
  var width: Int
  var height: Int
  var samples: Int
  /// Bytes of a sample when decoded.
  var sampleBytes: Int
  /// Whether each band has strips or tiles of its own.
  var isPlanar: Bool
  var isTiled: Bool
  var blockWidth: Int
  var blockHeight: Int

  /// Strips or tiles, over all planes.
  var blockCount: Int {
    (width + blockWidth - 1) / blockWidth * ((height + blockHeight - 1) / blockHeight)
      * (isPlanar ? samples : 1)
  }

  /// Checks what the sizes amount to.
  ///
  /// Sides and samples are within their limits, so that no product here can overflow.
  ///
  /// - Throws: `RasterError.tooLarge`.
  func checkAmounts(_ limits: IngestLimits) throws(RasterError) {
    let block = UInt64(blockWidth * blockHeight * (isPlanar ? 1 : samples) * sampleBytes)
    guard block <= limits.blockBytes else {
      throw .tooLarge(
        reason: "a strip or tile of it has \(block) bytes, and the limit is \(limits.blockBytes)",
        key: "block_bytes")
    }
    guard blockCount <= limits.blocks else {
      throw .tooLarge(
        reason: "it has \(blockCount) strips or tiles, and the limit is \(limits.blocks)",
        key: "blocks")
    }
    let all = UInt64(width * height * samples * sampleBytes)
    guard all <= limits.decodedBytes else {
      throw .tooLarge(
        reason: "its pixels have \(all) bytes, and the limit is \(limits.decodedBytes)",
        key: "decoded_bytes")
    }
  }
}
