// SPDX-License-Identifier: Apache-2.0

public import Foundation
public import Platform

/// What a vendor owns and where it sells it.
public struct VendorServerConfiguration: Sendable {
  /// The GeoTIFF whose windows are sold; the vendor's own, so its contents are believed.
  public var imageFile: URL
  /// The price list.
  public var pricesFile: URL
  /// The name of the product in the price list; nil where the list has only one.
  public var product: String?
  /// Where clients connect.
  public var address: ListenAddress
  /// The folder of the books and of what was cut.
  public var stateFolder: URL
  /// What its interface can do.
  public var terms: VendorTerms
  /// The key that clients must show as a bearer token; nil where anybody may buy.
  public var key: Secret?
  /// What shall go wrong.
  public var faults: FaultScript
  /// Whether orders and faults are logged; errors always are.
  public var logsOrders: Bool

  /// Creates a configuration.
  public init(
    imageFile: URL, pricesFile: URL, product: String?, address: ListenAddress, stateFolder: URL,
    terms: VendorTerms = VendorTerms(), key: Secret? = nil, faults: FaultScript = [],
    logsOrders: Bool = true
  ) {
    self.imageFile = imageFile
    self.pricesFile = pricesFile
    self.product = product
    self.address = address
    self.stateFolder = stateFolder
    self.terms = terms
    self.key = key
    self.faults = faults
    self.logsOrders = logsOrders
  }
}

/// Where the server listens: on this machine only, since it asks nobody who they are.
public enum ListenAddress: Hashable, Sendable, CustomStringConvertible {
  /// A Unix socket.
  case unixSocket(path: String)
  /// A port of 127.0.0.1; 0 for any free one.
  case loopback(port: Int)

  /// Reads `unix:PATH` or `127.0.0.1:PORT`; nil for anything else.
  public init?(_ text: String) {
    if text.hasPrefix("unix:"), (1...107).contains(text.utf8.count - 5) {
      self = .unixSocket(path: String(text.dropFirst(5)))
    } else if text.hasPrefix("127.0.0.1:"), let port = Int(text.dropFirst(10)),
      (0...65_535).contains(port)
    {
      self = .loopback(port: port)
    } else {
      return nil
    }
  }

  /// What ``init(_:)`` reads.
  public var description: String {
    switch self {
    case .unixSocket(let path): "unix:\(path)"
    case .loopback(let port): "127.0.0.1:\(port)"
    }
  }
}

/// Why the vendor cannot open its shop.
public enum VendorServerError: Error, Hashable, CustomStringConvertible {
  /// The image cannot be sold.
  case image(reason: String)
  /// The price list has no price for the product.
  case prices(reason: String)
  /// The books cannot be used.
  case books(reason: String)
  /// The fault script cannot be played.
  case faults(reason: String)

  /// What happened, and what to do.
  public var description: String {
    switch self {
    case .image(let reason): "the image cannot be sold: \(reason)"
    case .prices(let reason): "there is no price: \(reason)"
    case .faults(let reason): "the fault script cannot be played: \(reason)"
    case .books(let reason):
      "the books cannot be used: \(reason). Give another folder with --state, or restore this one."
    }
  }
}
