// SPDX-License-Identifier: Apache-2.0

import CGDAL

/// What is read of a raster, and what it becomes.
struct Excerpt {
  /// Where the pixels come from.
  enum Source {
    /// A rectangle within the raster.
    case pixels(PixelRect)
    /// The places that a transformer of GDAL's leads to from the pixels of the result.
    case grid(transformer: UnsafeMutableRawPointer)
  }

  var source: Source
  var width: Int
  var height: Int
  /// The numbers of bands among those of measurements, from 1.
  var bands: [Int]
  var resampling: Resampling

  /// Pixels within a raster as they are.
  init(_ rect: PixelRect, bands: [Int]) {
    self.init(
      .pixels(rect), width: rect.width, height: rect.height, bands: bands, resampling: .nearest)
  }

  init(_ source: Source, width: Int, height: Int, bands: [Int], resampling: Resampling) {
    precondition(width > 0 && height > 0, "a window has pixels")
    self.source = source
    self.width = width
    self.height = height
    self.bands = bands
    self.resampling = resampling
  }

  var pixelCount: Int { width * height }

  /// Whether pixels come as they are.
  var isPlain: Bool {
    if case .pixels(let rect) = source {
      rect.width == width && rect.height == height
    } else {
      false
    }
  }
}

/// Numbers as they are in a file, `[bands, height, width]`, before scale and offset.
struct RawPixels<Number: RasterNumber> {
  var numbers: [Number]
  var validity: [Bool]
}

extension PixelReader {
  /// Reads an excerpt; other sizes than the raster's own look at overviews.
  func decode<Sample: RasterSample>(_ excerpt: Excerpt) throws(RasterError) -> Window<Sample> {
    // By concrete types: code for a type that only the caller knows is slow.
    switch Sample.pixelType {
    case .uint8:
      precondition(pixelType == .uint8, "floating-point samples do not fit into \(Sample.self)")
      let raw: RawPixels<UInt8> = try fetch(excerpt)
      return window(raw, excerpt) { numbers, _ in numbers }.retyped()
    case .float32: return try decodeValues(excerpt).retyped()
    }
  }

  private func decodeValues(_ excerpt: Excerpt) throws(RasterError) -> Window<Float> {
    let chosen = excerpt.bands.map { bands[$0 - 1] }
    if chosen.contains(where: { $0.type == "Int8" }) {
      guard excerpt.isPlain else {
        throw .unsupported(
          reason: "its pixels are Int8, which GDAL cannot resample",
          remedy: "Convert it with gdal_translate -ot Int16, or take it in as a scene.")
      }
      let raw: RawPixels<UInt8> = try fetch(excerpt)
      return window(raw, excerpt) { numbers, bands in
        Self.values(numbers.map { Double(Int8(bitPattern: $0)) }, of: bands)
      }
    }
    if chosen.allSatisfy({ $0.isPlain && $0.type != "Float64" }) {
      let raw: RawPixels<Float> = try fetch(excerpt)
      return window(raw, excerpt) { numbers, _ in numbers }
    }
    let raw: RawPixels<Double> = try fetch(excerpt)
    return window(raw, excerpt) { Self.values($0, of: $1) }
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
  func needed(_ excerpt: Excerpt) -> [Int] {
    if case .noData = validitySource { Array(1...bands.count) } else { excerpt.bands }
  }

  private func fetch<Number: RasterNumber>(
    _ excerpt: Excerpt
  ) throws(RasterError) -> RawPixels<Number> {
    switch excerpt.source {
    case .pixels(let rect):
      let numbers: [Number] = try readNumbers(rect, excerpt)
      let validity =
        switch validitySource {
        case .none: [Bool](repeating: true, count: excerpt.pixelCount)
        case .mask, .alpha: try readMask(rect, excerpt)
        case .noData: NoDataRule(bands).validity(of: numbers)
        }
      return RawPixels(numbers: numbers, validity: validity)
    case .grid(let transformer): return try warp(excerpt, transformer)
    }
  }

  private func readNumbers<Number: RasterNumber>(
    _ rect: PixelRect, _ excerpt: Excerpt
  ) throws(RasterError) -> [Number] {
    var map = needed(excerpt).map { Int32(bandNumbers[$0 - 1]) }
    let (handle, width, height) = (handle, Int32(excerpt.width), Int32(excerpt.height))
    var resampling = fovea_gdal_raster_io_extra_arg()
    resampling.eResampleAlg = excerpt.resampling.ofRead
    var numbers = [Number](zeros: map.count * excerpt.pixelCount)
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

  private func readMask(
    _ rect: PixelRect, _ excerpt: Excerpt
  ) throws(RasterError) -> [Bool] {
    let band = validitySource.band(of: handle)
    let (width, height) = (Int32(excerpt.width), Int32(excerpt.height))
    var resampling = fovea_gdal_raster_io_extra_arg()
    // As gdal_translate does: what the mask says at a pixel's middle, and an alpha band's own mean.
    if case .alpha = validitySource { resampling.eResampleAlg = excerpt.resampling.ofRead }
    var bytes = [UInt8](repeating: 0, count: excerpt.pixelCount)
    try listen(to: "mask", of: rect) {
      GDALRasterIOEx(
        band, GF_Read, Int32(rect.column), Int32(rect.row), Int32(rect.width),
        Int32(rect.height), &bytes, width, height, GDT_Byte, 0, 0, &resampling)
    }
    return bytes.map { $0 != 0 }
  }

  /// A window of numbers that were read, with the values that `convert` makes of them.
  private func window<Number: RasterNumber, Sample: RasterSample & RasterNumber>(
    _ raw: RawPixels<Number>, _ excerpt: Excerpt,
    _ convert: ([Number], [BandFacts]) -> [Sample]
  ) -> Window<Sample> {
    let pixelCount = excerpt.pixelCount
    var numbers = raw.numbers
    if needed(excerpt) != excerpt.bands {
      numbers = excerpt.bands.flatMap { raw.numbers[($0 - 1) * pixelCount..<$0 * pixelCount] }
    }
    var samples = convert(numbers, excerpt.bands.map { bands[$0 - 1] })
    var validity = raw.validity
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
}

extension Array where Element: RasterNumber {
  /// So many zeros: memory whose bytes are all 0.
  init(zeros count: Int) {
    self.init(unsafeUninitializedCapacity: count) { numbers, initialised in
      UnsafeMutableRawBufferPointer(numbers).initializeMemory(as: UInt8.self, repeating: 0)
      initialised = count
    }
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
