// SPDX-License-Identifier: Apache-2.0

public import Foundation
public import Platform

/// One entry of `vendors:` in the daemon's configuration.
///
/// ```swift
/// let configuration = VendorConfiguration(
///   name: "local", url: "unix:/run/fovea-vendor.sock", trustsLocal: true, product: "hr-10m",
///   pricesFile: URL(filePath: "/etc/fovea/vendors/fovea-vendor.yaml"))
/// let vendor = try FoveaVendor(configuration, client: client)
/// ```
public struct VendorConfiguration: Sendable {
  /// The name by which orders and the ledger know the vendor.
  public let name: String
  /// Where it is: `https://HOST`, or for a trusted entry `http://127.0.0.1:PORT`, `unix:PATH`.
  public let url: String
  /// Whether an address of this machine is allowed.
  public let trustsLocal: Bool
  /// The vendor's name of the product to buy.
  public let product: String
  /// The vendor's acquisition id, or `mosaic`.
  public let item: String
  /// The price list by which quotes are checked.
  public let pricesFile: URL
  /// The key of our account, sent as a bearer token.
  public let credential: Secret?
  /// The hosts, beside its own, to which its links may lead: a name, or `.example.com`.
  public let hosts: [String]
  /// What its interface can do, where that is not what the adapter knows.
  public let capabilities: VendorCapabilities?

  /// Creates an entry.
  public init(
    name: String, url: String, trustsLocal: Bool, product: String, item: String = "mosaic",
    pricesFile: URL, credential: Secret? = nil, hosts: [String] = [],
    capabilities: VendorCapabilities? = nil
  ) {
    self.name = name
    self.url = url
    self.trustsLocal = trustsLocal
    self.product = product
    self.item = item
    self.pricesFile = pricesFile
    self.credential = credential
    self.hosts = hosts
    self.capabilities = capabilities
  }
}
