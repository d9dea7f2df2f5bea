// SPDX-License-Identifier: Apache-2.0

import Foundation
import Raster

/// Decodes the images of a listing to one size, those of a batch side by side.
struct ChipDecoder {
  /// The share of images that may be left out: one in so many.
  private static let toleratedDivisor = 10
  private static let exampleCount = 3

  private let files: DataFiles
  private let listing: DataListing
  private let wanted: Set<DataSplit>
  /// The images that are wanted, as places in the listing.
  private let chosen: [Int]
  private let sidePixels: Int?
  private let form: Form

  /// What all images must have.
  private struct Form {
    let bandCount: Int
    let side: Int
  }

  private struct Unusable: Error {
    let reason: String
    /// The size in words, where that is the reason.
    var otherSize: String?
  }

  /// Looks for the first image that can be read, which the others must be like.
  ///
  /// - Throws: `DataSetError`, `RasterError`.
  init(_ files: DataFiles, wanted: Set<DataSplit>, zoom: Int, sidePixels: Int?) throws {
    let listing = try DataListing(files)
    self.files = files
    self.listing = listing
    (self.wanted, self.sidePixels) = (wanted, sidePixels)
    chosen = listing.images.indices.filter { wanted.contains(listing.splits[$0]) }
    guard !chosen.isEmpty else {
      throw DataSetError.empty(path: files.path, splits: wanted.map(\.rawValue).sorted())
    }
    form = try Self.form(of: chosen.map { listing.images[$0] }, in: files, zoom, sidePixels)
  }

  private static func form(
    of images: [DataListing.Image], in files: DataFiles, _ zoom: Int, _ sidePixels: Int?
  ) throws -> Form {
    var reasons: [String] = []
    for image in images {
      let window: Window<UInt8>
      do throws(Unusable) {
        window = try read(image, in: files)
      } catch {
        reasons.append("\(image.path): \(error.reason)")
        continue
      }
      if let sidePixels { return Form(bandCount: window.bandCount, side: sidePixels) }
      guard window.width == window.height, window.width.isMultiple(of: zoom) else {
        throw DataSetError.wrongSize(
          path: image.path, width: window.width, height: window.height, zoom: zoom)
      }
      return Form(bandCount: window.bandCount, side: window.width)
    }
    throw DataSetError.mostlyUnreadable(
      path: files.path, count: images.count, total: images.count,
      examples: Array(reasons.prefix(exampleCount)))
  }

  /// Decodes all images and hands each to `keep`, in order.
  ///
  /// - Parameter progress: told how many of how many are done; false stops the work.
  /// - Returns: what was decoded, without the samples.
  /// - Throws: `DataSetError` where too many cannot be used; what `keep` throws;
  ///   `CancellationError` when `progress` said so.
  func decode(
    progress: (Int, Int) -> Bool, keep: ([UInt8]) throws -> Void
  ) throws -> ChipTable {
    var table = ChipTable(
      classes: listing.classes, bandCount: form.bandCount, side: form.side,
      unreadable: listing.strays.map {
        ChipTable.Unreadable(path: $0, reason: "it lies in no class's folder")
      })
    var otherSizes: [String] = []
    for first in stride(from: 0, to: chosen.count, by: ParallelChips.batchSize) {
      let part = Array(chosen[first..<min(first + ParallelChips.batchSize, chosen.count)])
      let results = try ParallelChips.map(count: part.count) { offset in
        self.result(listing.images[part[offset]])
      }
      for (index, result) in zip(part, results) {
        let path = listing.images[index].path
        switch result {
        case .success(let samples):
          table.paths.append(path)
          table.labels.append(listing.labels[index])
          table.splits.append(listing.splits[index])
          try keep(samples)
        case .failure(let failure):
          table.unreadable.append(ChipTable.Unreadable(path: path, reason: failure.reason))
          if let size = failure.otherSize { otherSizes.append("\(path): \(size)") }
        }
      }
      guard progress(first + part.count, chosen.count) else { throw CancellationError() }
    }
    try check(table, otherSizes: otherSizes)
    return table
  }

  /// The number of samples that all images have together, if each can be read.
  var sampleCount: Int { chosen.count * form.bandCount * form.side * form.side }

  /// A set that is mostly broken must not train, nor one that has lost a class.
  private func check(_ table: ChipTable, otherSizes: [String]) throws(DataSetError) {
    let total = chosen.count + listing.strays.count
    if otherSizes.count * Self.toleratedDivisor > total {
      throw .mixedSizes(
        path: files.path, count: otherSizes.count, total: total,
        expected: "\(form.side) x \(form.side)",
        examples: Array(otherSizes.prefix(Self.exampleCount)))
    }
    if table.unreadable.count * Self.toleratedDivisor > total {
      throw .mostlyUnreadable(
        path: files.path, count: table.unreadable.count, total: total,
        examples: table.unreadable.prefix(Self.exampleCount).map { "\($0.path): \($0.reason)" })
    }
    guard wanted.contains(.train) else { return }
    let readable = Set(table.labels)
    for index in chosen where !readable.contains(listing.labels[index]) {
      let image = listing.images[index]
      let reason = table.unreadable.first { $0.path == image.path }?.reason ?? "none is there"
      throw .emptyClass(
        path: files.path, name: image.className,
        reason: "has no image that can be read (\(image.path): \(reason))")
    }
  }

  /// The samples of one image in the common form, or why it cannot be used.
  private func result(_ image: DataListing.Image) -> Result<[UInt8], Unusable> {
    do throws(Unusable) {
      return .success(try samples(of: image))
    } catch {
      return .failure(error)
    }
  }

  private func samples(of image: DataListing.Image) throws(Unusable) -> [UInt8] {
    var window = try Self.read(image, in: files)
    if let sidePixels {
      do throws(RasterError) {
        window = try window.centreSquare(side: sidePixels)
      } catch {
        throw Unusable(reason: error.reason)
      }
    }
    guard window.width == form.side, window.height == form.side else {
      let size = "\(window.width) x \(window.height)"
      throw Unusable(
        reason: "\(size) pixels, and the first image has \(form.side) x \(form.side) "
          + "(with side_px all are resized)", otherSize: size)
    }
    // Collections of photographs have grey ones among them.
    if window.bandCount == 1, form.bandCount == 3 {
      return window.samples + window.samples + window.samples
    }
    guard window.bandCount == form.bandCount else {
      throw Unusable(
        reason: "\(window.bandCount) bands, and the first image has \(form.bandCount)")
    }
    return window.samples
  }

  private static func read(
    _ image: DataListing.Image, in files: DataFiles
  ) throws(Unusable) -> Window<UInt8> {
    do throws(RasterError) {
      switch image.place {
      case .file(let name): return try files.decode(name)
      case .planes(let file, let offset):
        let range = offset..<offset + CIFARRecords.pictureByteCount
        return Window(
          bandCount: 3, height: CIFARRecords.side, width: CIFARRecords.side,
          samples: try files.bytes(file, range))
      case .nowhere(let reason): throw RasterError.cannotRead(path: image.path, reason: reason)
      }
    } catch {
      // The path is said beside the reason already.
      if case .cannotRead(_, let reason) = error { throw Unusable(reason: reason) }
      throw Unusable(reason: error.reason)
    }
  }
}
