// SPDX-License-Identifier: Apache-2.0

/// How samples become a network's input: (sample / 255 - mean) / deviation, for each band.
public struct Normalisation: Sendable, Equatable, Codable {
  /// The mean of each band over the training images, as a share of 255.
  public var mean: [Double]
  /// The standard deviation of each band over the training images, as a share of 255.
  public var std: [Double]

  /// Creates a normalisation; as many deviations as means, all positive.
  public init(mean: [Double], std: [Double]) {
    precondition(mean.count == std.count && std.allSatisfy { $0 > 0 }, "one deviation a band")
    self.mean = mean
    self.std = std
  }

  /// The normalised value of a sample.
  public func value(_ sample: Double, band: Int) -> Double {
    (sample / 255 - mean[band]) / std[band]
  }

  /// The normalised value of each 8-bit sample of each band, `[bands, 256]`.
  func table() -> [Float] {
    mean.indices.flatMap { band in (0..<256).map { Float(value(Double($0), band: band)) } }
  }

  /// The normalisation that gives 8-bit images mean 0 and deviation 1 in each band.
  ///
  /// - Parameters:
  ///   - images: each `[bands, rows, columns]`.
  public init(images: some Sequence<ArraySlice<UInt8>>, bandCount: Int) {
    var counts = [Int](repeating: 0, count: bandCount * 256)
    for image in images {
      let plane = image.count / bandCount
      for (offset, sample) in image.enumerated() {
        counts[offset / plane * 256 + Int(sample)] += 1
      }
    }
    (mean, std) = ([], [])
    for band in 0..<bandCount {
      var (count, sum, squares) = (0.0, 0.0, 0.0)
      for sample in 0..<256 {
        let value = Double(sample) / 255
        let times = Double(counts[band * 256 + sample])
        count += times
        sum += times * value
        squares += times * value * value
      }
      let bandMean = sum / max(count, 1)
      let variance = squares / max(count, 1) - bandMean * bandMean
      // A band that never changes says nothing; a deviation of 1 leaves it at 0.
      mean.append(bandMean)
      std.append(variance > 1e-12 ? variance.squareRoot() : 1)
    }
  }
}
