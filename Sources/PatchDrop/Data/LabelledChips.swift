// SPDX-License-Identifier: Apache-2.0

public import Foundation
import Platform
import Raster

/// Labelled images of one size, decoded once, with their low-resolution counterparts.
///
/// ```swift
/// let chips = try LabelledChips(contentsOf: URL(filePath: "eurosat.tar"), zoom: 8)
/// chips.indices(of: .tune).count
/// ```
public struct LabelledChips: Sendable {
  /// The class names, sorted; a label is an index into them.
  public let classes: [String]
  /// The paths in the data set, in its order.
  public let paths: [String]
  /// The class of each image.
  public let labels: [Int]
  /// What each image is for.
  public let splits: [DataSplit]
  /// The images that could not be used, with the reason; they are in no other list.
  public let unreadable: [(path: String, reason: String)]
  /// Why the decoded images could not be kept for the next time, and what to do; nil where they
  /// were, or need not be.
  public let cacheWarning: String?
  /// Bands of an image.
  public let bandCount: Int
  /// The side of an image in pixels.
  public let side: Int
  /// HR pixels along one LR pixel.
  public let zoom: Int
  /// Where LR pixels come from.
  public let lowSource: LowResolutionSource

  private let high: SampleMemory
  private let low: [UInt8]

  /// Creates a data set from samples, each image `[bands, side, side]`.
  public init(
    classes: [String], paths: [String], labels: [Int], splits: [DataSplit], samples: [UInt8],
    bandCount: Int, side: Int, zoom: Int
  ) {
    let low = samples.withUnsafeBufferPointer {
      LowResolutionSource.area.low(of: $0, bandCount: bandCount, side: side, zoom: zoom)
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
    (self.bandCount, self.side, self.zoom) = (bandCount, side, zoom)
    (self.high, self.low, lowSource) = (.array(high), low, .area)
    (unreadable, cacheWarning) = ([], nil)
  }

  /// Reads a data set: a folder or a `.tar` of a layout that is recognised from what is there.
  ///
  /// - `labels.tsv` with the columns path, class and split (`train`, `tune` or `val`); a path may
  ///   be a record of CIFAR's binary files, `FILE#INDEX`.
  /// - CIFAR-10's and CIFAR-100's binary files.
  /// - fMoW's `train.csv` and `test.csv` or `val.csv` with the columns label and location.
  /// - ImageNet's folders `train/CLASS/NAME.ext` and `val/CLASS/NAME.ext`.
  /// - Folders `CLASS/NAME.ext`; a fifth of each class becomes `val`.
  ///
  /// A tenth of `train` becomes `tune` where the data set names none.
  ///
  /// - Parameters:
  ///   - zoom: the factor between HR and LR; divides the images' side.
  ///   - wanted: the splits to decode; others are left out.
  ///   - progress: told how many of how many images are decoded; false stops the work.
  /// - Throws: `DataSetError`, `RasterError`; `CancellationError` when `progress` said so.
  public init(
    contentsOf url: URL, zoom: Int, wanted: Set<DataSplit> = Set(DataSplit.allCases),
    options: DataOptions = DataOptions(), progress: (Int, Int) -> Bool = { _, _ in true }
  ) throws {
    precondition(zoom > 0, "LR pixels hold HR pixels")
    if let side = options.sidePixels, side <= 0 || !side.isMultiple(of: zoom) {
      throw DataSetError.wrongSide(side: side, zoom: zoom)
    }
    let files = try DataFiles(url: url)
    let cache = options.cache.map {
      ChipCache(
        folder: $0, dataSet: url, sidePixels: options.sidePixels, wanted: wanted,
        fingerprint: files.images.fingerprint)
    }
    let table: ChipTable
    if let kept = cache?.read() {
      (table, high, cacheWarning) = (kept.table, kept.samples, nil)
    } else {
      let decoder = try ChipDecoder(
        files, wanted: wanted, zoom: zoom, sidePixels: options.sidePixels)
      (table, high, cacheWarning) = try decoder.samples(cache: cache, progress: progress)
    }
    guard table.side.isMultiple(of: zoom) else {
      throw DataSetError.wrongSize(
        path: url.path, width: table.side, height: table.side, zoom: zoom)
    }
    (classes, paths, labels, splits) = (table.classes, table.paths, table.labels, table.splits)
    unreadable = table.unreadable.map { ($0.path, $0.reason) }
    (bandCount, side, self.zoom) = (table.bandCount, table.side, zoom)
    lowSource = options.lowSource
    low = high.withBytes {
      options.lowSource.low(of: $0, bandCount: table.bandCount, side: table.side, zoom: zoom)
    }
  }

  /// The number of images.
  public var count: Int { paths.count }

  /// The images of a split, in order.
  public func indices(of split: DataSplit) -> [Int] {
    splits.indices.filter { splits[$0] == split }
  }

  /// The HR samples of an image, `[bands, side, side]`.
  public func highSamples(_ index: Int) -> ArraySlice<UInt8> {
    high.slice(index * bandCount * side * side..<(index + 1) * bandCount * side * side)
  }

  /// The LR samples of an image, `[bands, side / zoom, side / zoom]`.
  public func lowSamples(_ index: Int) -> ArraySlice<UInt8> {
    let count = bandCount * (side / zoom) * (side / zoom)
    return low[index * count..<(index + 1) * count]
  }

  /// The HR samples of all images, one after another.
  func withHighSamples<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    high.withBytes(body)
  }

  /// The LR samples of all images, one after another.
  func withLowSamples<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    low.withUnsafeBufferPointer(body)
  }
}

extension ChipDecoder {
  /// Decodes into the cache, or into memory where there is none or it cannot be written.
  fileprivate func samples(
    cache: ChipCache?, progress: (Int, Int) -> Bool
  ) throws -> (ChipTable, SampleMemory, warning: String?) {
    var warning: String?
    if let cache {
      do {
        var writer = try ChipCacheWriter(cache)
        let table = try decode(progress: progress) { try writer.append($0) }
        try writer.finish(table)
        if let kept = cache.read() { return (kept.table, kept.samples, nil) }
        warning = "\(cache.url.path) is not what was written to it. Check the disk."
      } catch let error as PlatformError {
        warning = "the decoded images are not kept: \(error)"
      }
    }
    var samples: [UInt8] = []
    samples.reserveCapacity(sampleCount)
    let table = try decode(progress: progress) { samples += $0 }
    return (table, .array(samples), warning)
  }
}
