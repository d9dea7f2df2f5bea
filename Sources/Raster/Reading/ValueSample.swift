// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation

/// A look at a raster's values: those of at most a few hundred small windows, spread evenly.
///
/// ```swift
/// let sample = try ValueSample(of: scene)
/// sample.stretch(bands: [3, 2, 1])  // what leaves out 2 % at each end
/// ```
public struct ValueSample: Sendable {
  private static let windowsAlongASide = 12
  private static let windowSide = 64
  /// The share of the values that a suggestion leaves out at each end.
  private static let cutShare = 0.02

  /// The valid values of each band, ascending.
  private let values: [[Float]]

  /// Reads windows of a GeoTIFF of ours.
  ///
  /// Blocks for as long as it takes to read them: call it on a plain thread.
  ///
  /// - Throws: `RasterError`.
  public init(of url: URL) throws(RasterError) {
    let dataset = try Dataset(trusted: url)
    let layout = dataset.layout
    var values = [[Float]](repeating: [], count: layout.bandCount)
    for row in Self.starts(layout.height) {
      for column in Self.starts(layout.width) {
        let rect = PixelRect(
          column: column, row: row, width: min(Self.windowSide, layout.width - column),
          height: min(Self.windowSide, layout.height - row))
        let window: Window<Float> = try dataset.read(rect)
        for pixel in 0..<window.pixelCount where window.validity[pixel] {
          for band in values.indices {
            values[band].append(window.samples[band * window.pixelCount + pixel])
          }
        }
      }
    }
    self.values = values.map { $0.sorted() }
  }

  /// Where windows begin along a side: next to each other in a small raster, else evenly spread.
  private static func starts(_ length: Int) -> [Int] {
    guard length > windowsAlongASide * windowSide else {
      return Array(stride(from: 0, to: length, by: windowSide))
    }
    return (0..<windowsAlongASide).map { ($0 * (length - windowSide)) / (windowsAlongASide - 1) }
  }

  /// The least and the largest value that was seen in some bands, from 1; nil where none is valid.
  public func range(bands: [Int]) -> ClosedRange<Float>? {
    let seen = bands.map { values[$0 - 1] }.filter { !$0.isEmpty }
    guard let least = seen.map({ $0[0] }).min(), let most = seen.map({ $0[$0.count - 1] }).max()
    else { return nil }
    return least...most
  }

  /// What leaves out a fiftieth of each band's values at each end, in round numbers; nil where a
  /// band has none.
  ///
  /// - Parameter bands: from 1.
  public func stretch(bands: [Int]) -> Stretch? {
    let ranges = bands.compactMap { range(of: values[$0 - 1]) }
    guard ranges.count == bands.count else { return nil }
    return Stretch(Set(ranges).count == 1 ? Array(ranges.prefix(1)) : ranges)
  }

  private func range(of sorted: [Float]) -> StretchRange? {
    guard let first = sorted.first, let last = sorted.last else { return nil }
    let cut = Int(Double(sorted.count) * Self.cutShare)
    var (low, high) = (Double(sorted[cut]), Double(sorted[sorted.count - 1 - cut]))
    if low >= high { (low, high) = (Double(first), Double(last)) }
    if low >= high { high = low + 1 }
    // Two digits of the width are as exact as such a guess is.
    var step = 1.0
    while step * 50 > high - low { step /= 10 }
    while step * 500 < high - low { step *= 10 }
    // Divided by a whole number where the step is below 1, so that 0.3 is written as 0.3.
    func rounded(_ value: Double, _ rule: FloatingPointRoundingRule) -> Double {
      step < 1
        ? (value * (1 / step).rounded()).rounded(rule) / (1 / step).rounded()
        : (value / step).rounded(rule) * step
    }
    return StretchRange(minimum: rounded(low, .down), maximum: rounded(high, .up))
  }
}
