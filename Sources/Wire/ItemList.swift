// SPDX-License-Identifier: Apache-2.0

/// One page of a list.
public struct ItemList<Item: Sendable & Codable>: Sendable, Codable {
  /// The items of this page.
  public let items: [Item]
  /// What to give as `after` for the next page; nil on the last one.
  public let next: String?

  private enum CodingKeys: String, CodingKey {
    case items
    case next
  }

  /// Creates a page.
  public init(items: [Item], next: String? = nil) {
    self.items = items
    self.next = next
  }

  /// Writes `next` also when it is null, so that every list has the same members.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(items, forKey: .items)
    try container.encode(next, forKey: .next)
  }
}
