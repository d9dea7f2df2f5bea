// SPDX-License-Identifier: Apache-2.0

public import Acquisition
internal import Dispatch
internal import Synchronization

extension SharedDataset {
  /// Rectangles side by side that are brought over in one go.
  private static let longestRun = 32

  /// Reads the ground of rectangles, in any coordinate reference system, each as `width` by `height`
  /// pixels with north up; fastest where neighbours of a row follow each other.
  ///
  /// Blocks the caller, so call it on a plain thread.
  ///
  /// - Parameters:
  ///   - rectangles: of one size, in units of `crs`; outside of the raster there are no values.
  ///   - crs: `EPSG:n` or WKT.
  ///   - bands: which bands the windows have.
  /// - Returns: a window for each, in order.
  /// - Throws: `RasterError`, as ``Dataset/read(onto:crs:width:height:bands:resampling:as:)`` does.
  public func read<Sample: RasterSample>(
    onto rectangles: [ProjectedRectangle], crs: String, width: Int, height: Int,
    bands: BandSelection = .all, resampling: Resampling, as: Sample.Type = Sample.self
  ) throws(RasterError) -> [Window<Sample>] {
    let runs = Self.runs(of: rectangles)
    let results = Mutex(
      [Result<[Window<Sample>], RasterError>?](repeating: nil, count: runs.count))
    DispatchQueue.concurrentPerform(iterations: handles.count) { [handles] index in
      handles[index].dataset.withLock { dataset in
        for place in stride(from: index, to: runs.count, by: handles.count) {
          let run = runs[place]
          let result: Result<[Window<Sample>], RasterError>
          do throws(RasterError) {
            let first = rectangles[run.lowerBound]
            let strip: Window<Sample> = try dataset.read(
              onto: ProjectedRectangle(
                west: first.west, south: first.south, east: rectangles[run.upperBound - 1].east,
                north: first.north),
              crs: crs, width: width * run.count, height: height, bands: bands,
              resampling: resampling)
            let bounds = PixelRect(column: 0, row: 0, width: strip.width, height: height)
            result = .success(
              (0..<run.count).map {
                strip.part(
                  PixelRect(column: $0 * width, row: 0, width: width, height: height), of: bounds)
              })
          } catch {
            result = .failure(error)
          }
          results.withLock { $0[place] = result }
        }
      }
    }
    var windows: [Window<Sample>] = []
    windows.reserveCapacity(rectangles.count)
    for result in results.withLock({ $0 }) {
      if let result { windows += try result.get() }
    }
    return windows
  }

  /// Joins rectangles that follow each other side by side.
  private static func runs(of rectangles: [ProjectedRectangle]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    for (place, rectangle) in rectangles.enumerated() {
      if let last = runs.last, last.count < longestRun {
        let before = rectangles[place - 1]
        if before.east == rectangle.west, before.north == rectangle.north,
          before.south == rectangle.south
        {
          runs[runs.count - 1] = last.lowerBound..<place + 1
          continue
        }
      }
      runs.append(place..<place + 1)
    }
    return runs
  }
}
