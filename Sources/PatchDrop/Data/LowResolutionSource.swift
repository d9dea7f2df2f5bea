// SPDX-License-Identifier: Apache-2.0

import Dispatch
public import Raster

/// How the LR image of a chip is made from its HR image.
public enum LowResolutionSource: String, Sendable, Codable, CaseIterable {
  /// The mean of each block, as a coarse sensor would see it.
  case area
  /// The north-western pixel of each block: what the authors' code takes.
  case nearest

  /// The LR image of an HR image.
  ///
  /// - Parameter zoom: HR pixels along one LR pixel; divides both sides.
  public func low(of high: Window<UInt8>, zoom: Int) -> Window<UInt8> {
    switch self {
    case .area: high.blockMean(zoom: zoom)
    case .nearest: high.blockCorner(zoom: zoom)
    }
  }

  /// The LR images of many HR images, each `[bands, side, side]`.
  func low(
    of high: UnsafeBufferPointer<UInt8>, bandCount: Int, side: Int, zoom: Int
  ) -> [UInt8] {
    let highCount = bandCount * side * side
    let count = highCount == 0 ? 0 : high.count / highCount
    let lowCount = highCount / (zoom * zoom)
    return [UInt8](unsafeUninitializedCapacity: count * lowCount) { low, initialised in
      // Each image has its own place in both.
      nonisolated(unsafe) let (high, low) = (high, low)
      DispatchQueue.concurrentPerform(iterations: count) { index in
        let window = Window(
          bandCount: bandCount, height: side, width: side,
          samples: Array(high[index * highCount..<(index + 1) * highCount]))
        let place = low[index * lowCount..<(index + 1) * lowCount]
        _ = UnsafeMutableBufferPointer(rebasing: place)
          .initialize(from: self.low(of: window, zoom: zoom).samples)
      }
      initialised = count * lowCount
    }
  }
}

extension Window where Sample == UInt8 {
  /// The north-western pixel of each block of `zoom` by `zoom` pixels.
  fileprivate func blockCorner(zoom: Int) -> Window<UInt8> {
    precondition(height % zoom == 0 && width % zoom == 0, "blocks are whole")
    let places = stride(from: 0, to: height, by: zoom).flatMap { row in
      stride(from: 0, to: width, by: zoom).map { row * width + $0 }
    }
    return Window(
      bandCount: bandCount, height: height / zoom, width: width / zoom,
      samples: (0..<bandCount).flatMap { band in
        places.map { samples[band * pixelCount + $0] }
      }, validity: places.map { validity[$0] })
  }
}
