// SPDX-License-Identifier: Apache-2.0
internal import CKernels

/// How a normalisation's input gradient follows from its output's.
struct NormalisationSlope {
  let input: BlockedImages
  let maps: [ck_channel_map]
  let tilts: [Float]

  /// Turns the gradient of the output into that of the input.
  func propagate(_ gradient: inout BlockedImages, threadCount: Int) {
    gradient.withMutablePointer { fill($0, from: $0, threadCount: threadCount) }
  }

  /// The input's gradient, where the output's is still needed.
  func inputGradient(of gradient: BlockedImages, threadCount: Int) -> BlockedImages {
    var target = BlockedImages(gradient.layout)
    target.withMutablePointer { target in
      gradient.withPointer { fill(target, from: $0, threadCount: threadCount) }
    }
    return target
  }

  private func fill(
    _ target: UnsafeMutablePointer<Float>, from gradient: UnsafePointer<Float>, threadCount: Int
  ) {
    let layout = input.layout
    input.withPointer { input in
      tilts.withUnsafeBufferPointer { tilts in
        layout.forEachBlock(threadCount: threadCount) { vectors, offset, block, _ in
          withUnsafePointer(to: maps[block]) { map in
            ck_normalise_back_f32(
              vectors, map, kept(tilts.baseAddress) + block * layout.lanes, input + offset,
              gradient + offset, target + offset)
          }
        }
      }
    }
  }
}

/// What a normalisation does to one channel: scale * (x - centre) + shift.
struct ChannelMap {
  var centre: Float
  var scale: Float
  var shift: Float
}

extension [ck_channel_map] {
  /// Calls `body` with each channel's map, to be changed in place.
  mutating func forEachChannel(_ body: (_ channel: Int, _ map: inout ChannelMap) -> Void) {
    let lanes = Int(CK_LANES)
    for block in indices {
      Swift.withUnsafeMutableBytes(of: &self[block]) { bytes in
        let floats = bytes.bindMemory(to: Float.self)
        for lane in 0..<lanes {
          var map = ChannelMap(
            centre: floats[lane], scale: floats[lanes + lane], shift: floats[2 * lanes + lane])
          body(block * lanes + lane, &map)
          floats[lane] = map.centre
          floats[lanes + lane] = map.scale
          floats[2 * lanes + lane] = map.shift
        }
      }
    }
  }
}
