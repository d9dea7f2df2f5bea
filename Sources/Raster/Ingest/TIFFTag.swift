// SPDX-License-Identifier: Apache-2.0

/// The tags that the pre-check reads (TIFF 6.0, the GeoTIFF standard, GDAL's driver).
enum TIFFTag: UInt16 {
  case subfileType = 254
  case imageWidth = 256
  case imageLength = 257
  case bitsPerSample = 258
  case compression = 259
  case photometric = 262
  case stripOffsets = 273
  case samplesPerPixel = 277
  case rowsPerStrip = 278
  case stripByteCounts = 279
  case planarConfiguration = 284
  case dateTime = 306
  case predictor = 317
  case tileWidth = 322
  case tileLength = 323
  case tileOffsets = 324
  case tileByteCounts = 325
  case subDirectories = 330
  case extraSamples = 338
  case sampleFormat = 339
  case pixelScale = 33550
  case tiePoints = 33922
  case transformation = 34264
  case geoKeys = 34735
  case geoNumbers = 34736
  case geoTexts = 34737
  case metadata = 42112
  case noData = 42113
  case rationalPolynomials = 50844

  /// The tags with one value for each strip or tile.
  static let tables: [TIFFTag] = [.stripOffsets, .stripByteCounts, .tileOffsets, .tileByteCounts]

  /// The tags about the place on the ground that are short in every honest file.
  ///
  /// Tie points are not among them: a file with thousands is well formed, only of no use.
  static let places: [TIFFTag] = [.pixelScale, .transformation, .geoKeys, .geoNumbers, .geoTexts]
}
