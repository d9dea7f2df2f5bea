// SPDX-License-Identifier: Apache-2.0

/// A vendor of the daemon's configuration.
public struct VendorRecord: Hashable, Sendable, Codable {
  /// The name by which jobs choose it.
  public let name: String
  /// The protocol it speaks.
  public let kind: String
  /// Where it is, without user, query and fragment.
  public let url: String
  /// The product that is bought.
  public let product: String
  /// The acquisition, or `mosaic`.
  public let item: String
  /// The currency of its prices.
  public let currency: String

  /// Creates a record.
  public init(
    name: String, kind: String, url: String, product: String, item: String, currency: String
  ) {
    self.name = name
    self.kind = kind
    self.url = url
    self.product = product
    self.item = item
    self.currency = currency
  }
}

/// A model bundle that the daemon can use.
public struct ModelRecord: Hashable, Sendable, Codable {
  /// The name by which jobs choose it.
  public let name: String
  /// The first 16 hexadecimal digits of the bundle's SHA-256.
  public let id: String
  /// The classes it knows, in their order.
  public let classes: [String]
  /// The side of a chip in HR pixels.
  public let chipPixels: Int
  /// The side of an HR pixel, in metres.
  public let groundSampleDistanceMetres: Double
  /// HR pixels along one LR pixel.
  public let zoom: Int
  /// The number of patches of a chip.
  public let patchCount: Int

  /// Creates a record.
  public init(
    name: String, id: String, classes: [String], chipPixels: Int,
    groundSampleDistanceMetres: Double, zoom: Int, patchCount: Int
  ) {
    self.name = name
    self.id = id
    self.classes = classes
    self.chipPixels = chipPixels
    self.groundSampleDistanceMetres = groundSampleDistanceMetres
    self.zoom = zoom
    self.patchCount = patchCount
  }
}

/// One file that a job has written.
public struct OutputRecord: Hashable, Sendable, Codable {
  /// The file's name.
  public let name: String
  /// The media type.
  public let mediaType: String
  /// The number of bytes.
  public let byteCount: Int64
  /// The SHA-256 of the file, hexadecimal.
  public let sha256: String

  /// Creates a record.
  public init(name: String, mediaType: String, byteCount: Int64, sha256: String) {
    self.name = name
    self.mediaType = mediaType
    self.byteCount = byteCount
    self.sha256 = sha256
  }
}
