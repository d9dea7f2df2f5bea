// SPDX-License-Identifier: Apache-2.0

import CGDAL

extension PixelReader {
  /// What is read: pixels within the raster, and what they become.
  struct Excerpt {
    var rect: PixelRect
    var width: Int
    var height: Int
    /// The numbers of bands among those of measurements, from 1.
    var bands: [Int]
    var resampling: Resampling

    /// Pixels as they are.
    init(rect: PixelRect, bands: [Int]) {
      self.init(
        rect: rect, width: rect.width, height: rect.height, bands: bands, resampling: .nearest)
    }

    init(rect: PixelRect, width: Int, height: Int, bands: [Int], resampling: Resampling) {
      self.rect = rect
      self.width = width
      self.height = height
      self.bands = bands
      self.resampling = resampling
    }
  }

  /// Reads pixels within the raster; other sizes than its own look at overviews.
  func decode<Sample: RasterSample>(_ excerpt: Excerpt) throws(RasterError) -> Window<Sample> {
    // By concrete types: code for a type that only the caller knows is slow.
    switch Sample.pixelType {
    case .uint8:
      precondition(pixelType == .uint8, "floating-point samples do not fit into \(Sample.self)")
      let numbers: [UInt8] = try decodeNumbers(excerpt)
      return try window(numbers, excerpt) { samples, _ in samples }.retyped()
    case .float32: return try decodeValues(excerpt).retyped()
    }
  }

  private func decodeValues(_ excerpt: Excerpt) throws(RasterError) -> Window<Float> {
    let chosen = excerpt.bands.map { bands[$0 - 1] }
    if chosen.allSatisfy({ $0.isPlain && $0.type != "Float64" && $0.type != "Int8" }) {
      let numbers: [Float] = try decodeNumbers(excerpt)
      return try window(numbers, excerpt) { samples, _ in samples }
    }
    if chosen.contains(where: { $0.type == "Int8" }) {
      let numbers: [UInt8] = try decodeNumbers(excerpt)
      let signed = numbers.map { Double(Int8(bitPattern: $0)) }
      return try window(signed, excerpt) { Self.values($0, of: $1) }
    }
    let numbers: [Double] = try decodeNumbers(excerpt)
    return try window(numbers, excerpt) { Self.values($0, of: $1) }
  }

  /// The values of numbers, rounded once.
  private static func values(_ numbers: [Double], of bands: [BandFacts]) -> [Float] {
    let pixelCount = numbers.count / bands.count
    var values: [Float] = []
    values.reserveCapacity(numbers.count)
    for (index, band) in bands.enumerated() {
      for number in numbers[index * pixelCount..<(index + 1) * pixelCount] {
        values.append(Float(number * band.scale + band.offset))
      }
    }
    return values
  }

  /// The bands that an excerpt needs: all, where they judge together which pixels are empty.
  private func needed(_ excerpt: Excerpt) -> [Int] {
    if case .noData = validitySource { Array(1...bands.count) } else { excerpt.bands }
  }

  private func decodeNumbers<Number: RasterNumber>(
    _ excerpt: Excerpt
  ) throws(RasterError) -> [Number] {
    let needed = needed(excerpt)
    var map = needed.map { Int32(bandNumbers[$0 - 1]) }
    let (handle, rect) = (handle, excerpt.rect)
    let (width, height) = (Int32(excerpt.width), Int32(excerpt.height))
    var resampling = fovea_gdal_raster_io_extra_arg()
    resampling.eResampleAlg = excerpt.resampling.ofRead
    let count = needed.count * excerpt.width * excerpt.height
    var numbers = [Number](unsafeUninitializedCapacity: count) { numbers, initialised in
      UnsafeMutableRawBufferPointer(numbers).initializeMemory(as: UInt8.self, repeating: 0)
      initialised = count
    }
    try listen(to: "pixels", of: rect) {
      numbers.withUnsafeMutableBytes { bytes in
        GDALDatasetRasterIOEx(
          handle, GF_Read, Int32(rect.column), Int32(rect.row), Int32(rect.width),
          Int32(rect.height), bytes.baseAddress, width, height, Number.gdalType,
          Int32(map.count), &map, 0, 0, 0, &resampling)
      }
    }
    return numbers
  }

  /// A window of numbers that were read, with their validity and the values that `convert` makes.
  private func window<Number: RasterNumber, Sample: RasterSample & RasterNumber>(
    _ numbers: [Number], _ excerpt: Excerpt, _ convert: ([Number], [BandFacts]) -> [Sample]
  ) throws(RasterError) -> Window<Sample> {
    let pixelCount = excerpt.width * excerpt.height
    let needed = needed(excerpt)
    var validity =
      switch validitySource {
      case .none: [Bool](repeating: true, count: pixelCount)
      case .mask, .alpha: try readMask(excerpt)
      case .noData: NoDataRule(bands).validity(of: numbers)
      }
    var chosen = numbers
    if needed != excerpt.bands {
      chosen = excerpt.bands.flatMap { numbers[($0 - 1) * pixelCount..<$0 * pixelCount] }
    }
    var samples = convert(chosen, excerpt.bands.map { bands[$0 - 1] })
    for band in 0..<excerpt.bands.count {
      for pixel in 0..<pixelCount where !samples[band * pixelCount + pixel].isFinite {
        validity[pixel] = false
      }
    }
    if validity.contains(false) {
      for band in 0..<excerpt.bands.count {
        for pixel in 0..<pixelCount where !validity[pixel] {
          samples[band * pixelCount + pixel] = .zero
        }
      }
    }
    return Window(
      bandCount: excerpt.bands.count, height: excerpt.height, width: excerpt.width,
      samples: samples, validity: validity)
  }

  private func readMask(_ excerpt: Excerpt) throws(RasterError) -> [Bool] {
    let (band, rect) = (validitySource.band(of: handle), excerpt.rect)
    let (width, height) = (Int32(excerpt.width), Int32(excerpt.height))
    var resampling = fovea_gdal_raster_io_extra_arg()
    resampling.eResampleAlg = excerpt.resampling.ofRead
    var bytes = [UInt8](repeating: 0, count: excerpt.width * excerpt.height)
    try listen(to: "mask", of: rect) {
      GDALRasterIOEx(
        band, GF_Read, Int32(rect.column), Int32(rect.row), Int32(rect.width),
        Int32(rect.height), &bytes, width, height, GDT_Byte, 0, 0, &resampling)
    }
    return bytes.map { $0 != 0 }
  }
}

extension Window {
  /// The same window, whose type the caller knows by another name.
  fileprivate func retyped<Other>() -> Window<Other> {
    guard let window = self as? Window<Other> else {
      preconditionFailure("\(Sample.self) is not \(Other.self)")
    }
    return window
  }
}
