// SPDX-License-Identifier: Apache-2.0

import Raster

/// A key of the section `limits.scene`, by which refusals name the limit to raise.
struct SceneLimitKey: Sendable {
  let name: String
  let range: ClosedRange<Int64>
  let value: @Sendable (IngestLimits) -> Int64
  let set: @Sendable (inout IngestLimits, Int64) -> Void

  private init<Number: FixedWidthInteger & SendableMetatype>(
    _ name: String, upTo most: Int64,
    _ limit: any WritableKeyPath<IngestLimits, Number> & Sendable
  ) {
    (self.name, self.range) = (name, 1...most)
    value = { Int64($0[keyPath: limit]) }
    set = { $0[keyPath: limit] = Number($1) }
  }

  /// Every limit, in the order of the shipped file.
  static let all = [
    SceneLimitKey("file_bytes", upTo: 1 << 40, \.fileBytes),
    SceneLimitKey("side_pixels", upTo: 1_000_000, \.sidePixels),
    SceneLimitKey("bands", upTo: 256, \.bands),
    SceneLimitKey("decoded_bytes", upTo: 1 << 40, \.decodedBytes),
    SceneLimitKey("seconds", upTo: 86_400, \.seconds),
    SceneLimitKey("blocks", upTo: 1 << 24, \.blocks),
    SceneLimitKey("block_bytes", upTo: 1 << 30, \.blockBytes),
    SceneLimitKey("tile_side_pixels", upTo: 65_536, \.tileSidePixels),
    SceneLimitKey("directories", upTo: 4096, \.directories),
    SceneLimitKey("tags", upTo: 4096, \.tags),
    SceneLimitKey("tag_bytes", upTo: 1 << 30, \.tagBytes),
    SceneLimitKey("table_bytes", upTo: 1 << 30, \.tableBytes),
    SceneLimitKey("place_bytes", upTo: 1 << 24, \.placeBytes),
  ]
}
