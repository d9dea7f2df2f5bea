// SPDX-License-Identifier: Apache-2.0

public import Foundation
import Raster

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
  /// Where LR pixels come from.
  public var lowSource: LowResolutionSource { .area }

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
    let form = try Self.form(of: chosen.map { table.rows[$0].path }, in: images, zoom: zoom)
    guard let form else {
      throw ModelError.empty(path: url.path, splits: wanted.map(\.rawValue).sorted())
    }
    var read = Decoded()
    for first in stride(from: 0, to: chosen.count, by: ParallelChips.batchSize) {
      let part = chosen[first..<min(first + ParallelChips.batchSize, chosen.count)]
      let results = try ParallelChips.map(count: part.count) { offset in
        Self.decode(table.rows[part[part.startIndex + offset]].path, of: images, form, zoom: zoom)
      }
      for (row, result) in zip(part, results) { read.append(result, row: row, of: table) }
    }
    (classes, paths, labels, splits) = (table.classes, read.paths, read.labels, read.splits)
    (high, low, unreadable) = (read.high, read.low, read.unreadable)
    (bandCount, side, self.zoom) = (form.bandCount, form.side, zoom)
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

  /// The bands and the side of the first image that can be read, which all others must have; nil
  /// where there is no image.
  private static func form(
    of paths: [String], in images: TrustedImages, zoom: Int
  ) throws -> (bandCount: Int, side: Int)? {
    var failure: RasterError?
    for path in paths {
      let window: Window<UInt8>
      do throws(RasterError) {
        window = try images.decode(path)
      } catch {
        failure = failure ?? error
        continue
      }
      guard window.width == window.height, window.width % zoom == 0 else {
        throw ModelError.wrongSize(
          path: path, width: window.width, height: window.height, zoom: zoom)
      }
      return (window.bandCount, window.width)
    }
    if let failure { throw failure }
    return nil
  }

  /// What has been read so far.
  private struct Decoded {
    var paths: [String] = []
    var labels: [Int] = []
    var splits: [DataSplit] = []
    var high: [UInt8] = []
    var low: [UInt8] = []
    var unreadable: [(path: String, reason: String)] = []

    mutating func append(
      _ result: Result<Pixels, Unreadable>, row: Int, of table: LabelTable
    ) {
      switch result {
      case .success(let pixels):
        paths.append(table.rows[row].path)
        labels.append(table.labels[row])
        splits.append(table.splits[row])
        high += pixels.high
        low += pixels.low
      case .failure(let failure): unreadable.append((table.rows[row].path, failure.reason))
      }
    }
  }

  private struct Pixels: Sendable {
    let high: [UInt8]
    let low: [UInt8]
  }

  private struct Unreadable: Error { let reason: String }

  /// One image, or why it cannot be used.
  private static func decode(
    _ path: String, of images: TrustedImages, _ form: (bandCount: Int, side: Int), zoom: Int
  ) -> Result<Pixels, Unreadable> {
    do throws(RasterError) {
      let window = try images.decode(path)
      guard window.width == form.side, window.height == form.side,
        window.bandCount == form.bandCount
      else {
        return .failure(
          Unreadable(
            reason: "\(window.width) x \(window.height) pixels, \(window.bandCount) bands, "
              + "unlike the first image"))
      }
      return .success(Pixels(high: window.samples, low: window.blockMean(zoom: zoom).samples))
    } catch {
      return .failure(Unreadable(reason: error.reason))
    }
  }
}
