// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// One entry of `vendors:`.
public struct VendorEntry: Sendable, Equatable {
  /// The protocols that the daemon speaks.
  public enum Kind: String, Sendable, CaseIterable {
    /// The protocol of `fovea-vendor`.
    case fovea
    /// A Cloud-Optimised GeoTIFF at a web server.
    case cog
  }

  /// The name by which jobs choose it.
  public var name: String
  /// The protocol it speaks.
  public var kind: Kind
  /// Where it is: `https://HOST`, or with ``isLocal`` `http://127.0.0.1:PORT` or `unix:PATH`; with the
  /// path of the file for ``Kind/cog``.
  public var url: String
  /// Whether plain HTTP on this machine is allowed for this entry (`trust: local`).
  public var isLocal: Bool
  /// The product that is bought.
  public var product: String
  /// The acquisition, or `mosaic` where the vendor sells one seamless layer.
  public var item: String
  /// The file with its price rules.
  public var pricesFile: URL
  /// The name of our key there, a file of the ``CredentialFolder``; nil where none is needed.
  public var credential: String?
  /// The hosts, beside its own, to which its links may lead: a name, or `.example.com`.
  public var hosts: [String] = []
  /// What its interface can do.
  public var interface = VendorInterface()

  /// Creates an entry.
  public init(
    name: String, kind: Kind, url: String, isLocal: Bool, product: String, item: String,
    pricesFile: URL, credential: String? = nil
  ) {
    self.name = name
    self.kind = kind
    self.url = url
    self.isLocal = isLocal
    self.product = product
    self.item = item
    self.pricesFile = pricesFile
    self.credential = credential
  }
}
