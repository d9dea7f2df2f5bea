// SPDX-License-Identifier: Apache-2.0

public import Neural

/// What a policy looks like before it is trained.
public enum PolicyDesign: Sendable, Equatable {
  /// A network of its own from LR pixels to patches, as in the paper.
  case plain(NetworkDescription)
  /// A perceptron that sees the LR classifier's doubt too: see ``PolicyNetwork``.
  case informed(NetworkDescription)

  /// The network.
  public var network: NetworkDescription {
    switch self {
    case .plain(let network), .informed(let network): network
    }
  }
}

extension PolicyDesign: Codable {
  private enum Kind: String, Codable {
    case plain
    case informed
  }

  private enum CodingKeys: CodingKey {
    case kind
    case network
  }

  /// Reads a design.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let network = try container.decode(NetworkDescription.self, forKey: .network)
    switch try container.decode(Kind.self, forKey: .kind) {
    case .plain: self = .plain(network)
    case .informed: self = .informed(network)
    }
  }

  /// Writes the design.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .plain: try container.encode(Kind.plain, forKey: .kind)
    case .informed: try container.encode(Kind.informed, forKey: .kind)
    }
    try container.encode(network, forKey: .network)
  }
}
