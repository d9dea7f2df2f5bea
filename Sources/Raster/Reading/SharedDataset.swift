// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
public import Foundation
internal import Synchronization

/// A GeoTIFF of ours that is read as many small windows, by several threads, each with a handle
/// of its own.
///
/// Windows are cheap this way because neighbours are read in one go, and because each block of the
/// file has one handle that reads it: no block is decompressed twice.
///
/// ```swift
/// let scene = try SharedDataset(trusted: url)
/// let chips: [Window<UInt8>] = try scene.read(rectangles)
/// ```
public final class SharedDataset: Sendable {
  /// The shape and place of the raster.
  public let layout: RasterLayout

  final class Handle: Sendable {
    let dataset: Mutex<Dataset>
    init(_ dataset: consuming sending Dataset) { self.dataset = Mutex(dataset) }
  }

  let handles: [Handle]
  private let blockWidth: Int
  private let blockHeight: Int

  /// Opens a GeoTIFF, as ``Dataset/init(trusted:)`` does.
  ///
  /// - Parameter threadCount: the number of threads that read; all cores when not given.
  /// - Throws: `RasterError`, `cannotRead` where GDAL cannot open it.
  public init(trusted url: URL, threadCount: Int? = nil) throws(RasterError) {
    let threadCount = threadCount ?? ProcessInfo.processInfo.activeProcessorCount
    precondition(threadCount > 0, "a raster is read by at least one thread")
    let first = try Dataset(trusted: url)
    layout = first.layout
    (blockWidth, blockHeight) = first.blockSize
    var handles = [Handle(first)]
    while handles.count < threadCount {
      handles.append(Handle(try Dataset(again: layout, at: url)))
    }
    self.handles = handles
  }

  /// Reads parts of the raster at its own resolution, in any order; fastest where neighbours of a
  /// row follow each other.
  ///
  /// Blocks the caller, so call it on a plain thread.
  ///
  /// - Parameter rects: what lies outside the raster comes as pixels without values.
  /// - Returns: a window for each, in order.
  /// - Throws: `RasterError.decodeFailed` where pixels cannot be decoded.
  public func read<Sample: RasterSample>(
    _ rects: [PixelRect], as: Sample.Type = Sample.self
  ) throws(RasterError) -> [Window<Sample>] {
    let runs = runs(of: rects)
    let results = Mutex(
      [Result<[Window<Sample>], RasterError>?](repeating: nil, count: runs.count))
    DispatchQueue.concurrentPerform(iterations: handles.count) { [handles] index in
      handles[index].dataset.withLock { dataset in
        for (place, run) in runs.enumerated() where run.handle == index {
          let result: Result<[Window<Sample>], RasterError>
          do throws(RasterError) {
            let strip: Window<Sample> = try dataset.read(run.bounds)
            result = .success(
              run.places.map { strip.part(rects[$0], of: run.bounds) })
          } catch {
            result = .failure(error)
          }
          results.withLock { $0[place] = result }
        }
      }
    }
    var windows: [Window<Sample>] = []
    windows.reserveCapacity(rects.count)
    for result in results.withLock({ $0 }) {
      if let result { windows += try result.get() }
    }
    return windows
  }

  /// Rectangles that are read in one go.
  private struct Run {
    let handle: Int
    let block: Int
    var places: Range<Int>
    var bounds: PixelRect
  }

  /// Joins rectangles that follow each other, have the same rows and begin in the same block.
  private func runs(of rects: [PixelRect]) -> [Run] {
    var runs: [Run] = []
    for (place, rect) in rects.enumerated() {
      let block = rect.column / blockWidth
      if var last = runs.last, last.block == block, last.bounds.row == rect.row,
        last.bounds.height == rect.height, last.bounds.column <= rect.column
      {
        last.places = last.places.lowerBound..<place + 1
        let right = max(last.bounds.column + last.bounds.width, rect.column + rect.width)
        last.bounds.width = right - last.bounds.column
        runs[runs.count - 1] = last
      } else {
        // Like the fields of a chessboard, so that a row and a column of blocks are shared out.
        let field = block + rect.row / max(blockHeight, rect.height)
        let handle = (field % handles.count + handles.count) % handles.count
        runs.append(Run(handle: handle, block: block, places: place..<place + 1, bounds: rect))
      }
    }
    return runs
  }
}

extension Window {
  /// The part of this window that is `rect`, where this is `bounds`.
  func part(_ rect: PixelRect, of bounds: PixelRect) -> Window {
    if rect == bounds { return self }
    let (column, row) = (rect.column - bounds.column, rect.row - bounds.row)
    let lines = (row..<row + rect.height).map { $0 * width + column }
    var valid: [Bool] = []
    valid.reserveCapacity(rect.width * rect.height)
    for line in lines { valid += validity[line..<line + rect.width] }
    let count = bandCount * rect.width * rect.height
    // Bytes, because elements of a type that is only known to the caller are copied one by one.
    let part = [Sample](unsafeUninitializedCapacity: count) { target, initialised in
      samples.withUnsafeBytes { source in
        let target = UnsafeMutableRawBufferPointer(target)
        let stride = MemoryLayout<Sample>.stride
        let lineBytes = rect.width * stride
        var place = 0
        for band in 0..<bandCount {
          for line in lines {
            let start = (band * pixelCount + line) * stride
            target[place..<place + lineBytes].copyBytes(from: source[start..<start + lineBytes])
            place += lineBytes
          }
        }
      }
      initialised = count
    }
    return Window(
      bandCount: bandCount, height: rect.height, width: rect.width, samples: part,
      validity: valid)
  }
}
