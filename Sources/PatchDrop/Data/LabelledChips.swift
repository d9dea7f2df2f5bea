// SPDX-License-Identifier: Apache-2.0

import Dispatch
public import Foundation
import Raster
import Synchronization

/// Labelled images of one size, decoded once into memory, with their low-resolution counterparts.
///
/// ```swift
/// let chips = try LabelledChips(contentsOf: URL(filePath: "eurosat.tar"), zoom: 8)
/// chips.indices(of: .tune).count
/// ```
public struct LabelledChips: Sendable {
  /// The class names, sorted; a label is an index into them.
  public let classes: [String]
  /// The paths in the archive, in the order of `labels.tsv`.
  public let paths: [String]
  /// The class of each image.
  public let labels: [Int]
  /// What each image is for.
  public let splits: [DataSplit]
  /// The images that could not be used, with the reason; they are in no other list.
  public let unreadable: [(path: String, reason: String)]
  /// Bands of an image.
  public let bandCount: Int
  /// The side of an image in pixels.
  public let side: Int
  /// HR pixels along one LR pixel.
  public let zoom: Int

  let high: [UInt8]
  let low: [UInt8]

  /// Creates a data set from samples, each image `[bands, side, side]`.
  public init(
    classes: [String], paths: [String], labels: [Int], splits: [DataSplit], samples: [UInt8],
    bandCount: Int, side: Int, zoom: Int
  ) {
    let imageCount = bandCount * side * side
    let low = paths.indices.flatMap { index in
      Window(
        bandCount: bandCount, height: side, width: side,
        samples: Array(samples[index * imageCount..<(index + 1) * imageCount])
      ).blockMean(zoom: zoom).samples
    }
    self.init(
      classes: classes, paths: paths, labels: labels, splits: splits, high: samples, low: low,
      bandCount: bandCount, side: side, zoom: zoom)
  }

  /// Creates a data set from samples of both resolutions.
  init(
    classes: [String], paths: [String], labels: [Int], splits: [DataSplit], high: [UInt8],
    low: [UInt8], bandCount: Int, side: Int, zoom: Int
  ) {
    precondition(high.count == paths.count * bandCount * side * side, "images of one size")
    precondition(low.count * zoom * zoom == high.count, "an LR image for each")
    (self.classes, self.paths, self.labels, self.splits) = (classes, paths, labels, splits)
    (self.bandCount, self.side, self.zoom, unreadable) = (bandCount, side, zoom, [])
    (self.high, self.low) = (high, low)
  }

  /// Reads a folder or a `.tar` with a `labels.tsv` of the columns path, class and split (`train`
  /// or `val`); a tenth of `train` becomes `tune`.
  ///
  /// - Parameters:
  ///   - zoom: the factor between HR and LR; divides the images' side.
  ///   - wanted: the splits to decode; others are left out.
  /// - Throws: `ModelError`, `RasterError`.
  public init(
    contentsOf url: URL, zoom: Int, wanted: Set<DataSplit> = Set(DataSplit.allCases)
  ) throws {
    let images = try TrustedImages(url: url)
    guard images.names.contains("labels.tsv") else { throw ModelError.noLabels(path: url.path) }
    let table = try LabelTable(images.text("labels.tsv"), path: url.path)
    let chosen = table.rows.indices.filter { wanted.contains(table.splits[$0]) }
    guard let first = chosen.first else {
      throw ModelError.empty(path: url.path, splits: wanted.map(\.rawValue).sorted())
    }
    let size = try images.decode(table.rows[first].path)
    guard size.width == size.height, size.width % zoom == 0 else {
      throw ModelError.wrongSize(
        path: table.rows[first].path, width: size.width, height: size.height, zoom: zoom)
    }
    let decoded = Self.decode(
      chosen.map { table.rows[$0].path }, of: images, like: size, zoom: zoom)
    let kept = chosen.indices.filter { decoded.reasons[$0] == nil }
    classes = table.classes
    paths = kept.map { table.rows[chosen[$0]].path }
    labels = kept.map { table.labels[chosen[$0]] }
    splits = kept.map { table.splits[chosen[$0]] }
    unreadable = chosen.indices.compactMap { index in
      decoded.reasons[index].map { (table.rows[chosen[index]].path, $0) }
    }
    (bandCount, side, self.zoom) = (size.bandCount, size.width, zoom)
    (high, low) = (
      Self.gather(kept, of: decoded.high, count: chosen.count),
      Self.gather(kept, of: decoded.low, count: chosen.count)
    )
  }

  /// The number of images.
  public var count: Int { paths.count }

  /// The images of a split, in order.
  public func indices(of split: DataSplit) -> [Int] {
    splits.indices.filter { splits[$0] == split }
  }

  /// The HR samples of an image, `[bands, side, side]`.
  public func highSamples(_ index: Int) -> ArraySlice<UInt8> {
    high[index * bandCount * side * side..<(index + 1) * bandCount * side * side]
  }

  /// The LR samples of an image, `[bands, side / zoom, side / zoom]`.
  public func lowSamples(_ index: Int) -> ArraySlice<UInt8> {
    let count = bandCount * (side / zoom) * (side / zoom)
    return low[index * count..<(index + 1) * count]
  }

  /// The share of images that were decoded and kept, where some were not.
  private static func gather(_ kept: [Int], of samples: [UInt8], count: Int) -> [UInt8] {
    guard kept.count < count else { return samples }
    let stride = samples.count / count
    return kept.flatMap { samples[$0 * stride..<($0 + 1) * stride] }
  }

  /// Decodes images on all cores; an image that cannot be used leaves a reason.
  private static func decode(
    _ paths: [String], of images: TrustedImages, like size: Window<UInt8>, zoom: Int
  ) -> (high: [UInt8], low: [UInt8], reasons: [String?]) {
    let highCount = size.samples.count
    let lowCount = highCount / (zoom * zoom)
    var high = [UInt8](repeating: 0, count: paths.count * highCount)
    var low = [UInt8](repeating: 0, count: paths.count * lowCount)
    let reasons = Mutex([String?](repeating: nil, count: paths.count))
    high.withUnsafeMutableBufferPointer { high in
      low.withUnsafeMutableBufferPointer { low in
        // Each iteration writes to its own part of both buffers.
        nonisolated(unsafe) let (high, low) = (high, low)
        DispatchQueue.concurrentPerform(iterations: paths.count) { index in
          do throws(RasterError) {
            let window = try images.decode(paths[index])
            guard window.width == size.width, window.height == size.height,
              window.bandCount == size.bandCount
            else {
              let found = "\(window.width) x \(window.height) pixels, \(window.bandCount) bands"
              reasons.withLock { $0[index] = "\(found), unlike the first image" }
              return
            }
            _ = UnsafeMutableBufferPointer(
              rebasing: high[index * highCount..<(index + 1) * highCount]
            )
            .update(from: window.samples)
            _ = UnsafeMutableBufferPointer(rebasing: low[index * lowCount..<(index + 1) * lowCount])
              .update(from: window.blockMean(zoom: zoom).samples)
          } catch {
            reasons.withLock { $0[index] = error.reason }
          }
        }
      }
    }
    return (high, low, reasons.withLock { $0 })
  }
}
