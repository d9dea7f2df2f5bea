// SPDX-License-Identifier: Apache-2.0

public import Neural

/// What a policy looks like before it is trained.
public enum PolicyDesign: Sendable, Equatable {
  /// A network of its own from LR pixels to patches, as in the paper.
  case plain(NetworkDescription)
  /// A head over what the LR classifier knows: see ``PolicyNetwork``.
  case informed(head: NetworkDescription)
}

extension PolicyDesign: Codable {
  private enum Kind: String, Codable {
    case plain
    case informed
  }

  private enum CodingKeys: CodingKey {
    case kind
    case network
    case head
  }

  /// Reads a design.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    switch try container.decode(Kind.self, forKey: .kind) {
    case .plain: self = .plain(try container.decode(NetworkDescription.self, forKey: .network))
    case .informed:
      self = .informed(head: try container.decode(NetworkDescription.self, forKey: .head))
    }
  }

  /// Writes the design.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .plain(let network):
      try container.encode(Kind.plain, forKey: .kind)
      try container.encode(network, forKey: .network)
    case .informed(let head):
      try container.encode(Kind.informed, forKey: .kind)
      try container.encode(head, forKey: .head)
    }
  }
}
