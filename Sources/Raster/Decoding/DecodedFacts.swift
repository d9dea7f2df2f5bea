// SPDX-License-Identifier: Apache-2.0

/// What a decoder said of a file, as far as it was checked against the file's header.
public struct DecodedFacts: Hashable, Sendable {
  /// One band as the file has it.
  public struct Band: Hashable, Sendable {
    /// The sample type as GDAL names it, such as `UInt16`; signed bytes are `Int8`.
    public let type: String
    /// The value that stands for nothing; may be no number, or infinite.
    public let noData: Double?
    /// What a stored number is multiplied with; 1 for nothing.
    public let scale: Double
    /// What is added after that; 0 for nothing.
    public let offset: Double
    /// The colour as GDAL names it: `Red`, `Gray`, `Alpha`, `Undefined`.
    public let colour: String
    /// The checksum of the stored numbers as `gdalinfo -checksum` prints it, where asked for.
    public let checksum: Int?
  }

  /// The type of the windows.
  public let pixelType: PixelType
  /// Every band of the file in its order, an alpha band among them.
  public let bands: [Band]
}

/// A window of decoded pixels.
public enum DecodedPixels: Sendable {
  /// Bytes as the file has them.
  case uint8(Window<UInt8>)
  /// Numbers of any other type; scale and offset are applied.
  case float32(Window<Float>)

  /// How many of its pixels have values.
  public var validCount: Int {
    switch self {
    case .uint8(let window): window.validity.count { $0 }
    case .float32(let window): window.validity.count { $0 }
    }
  }
}
