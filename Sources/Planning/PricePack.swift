// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// Area that was paid for ahead, and what is left of it.
public struct PricePack: Hashable, Sendable, Codable {
  /// Its name in the ledger.
  public let id: String
  /// The area that was bought, in square millimetres.
  public let sizeSquareMillimetres: Int64
  /// What was paid for it.
  public let price: Money
  /// The area that is left, in square millimetres.
  public let balanceSquareMillimetres: Int64
  /// The last day on which it is good.
  public let expires: CalendarDay

  /// Creates a pack; the balance is at most the size.
  public init(
    id: String, sizeSquareMillimetres: Int64, price: Money, balanceSquareMillimetres: Int64,
    expires: CalendarDay
  ) {
    precondition(
      sizeSquareMillimetres > 0 && (0...sizeSquareMillimetres).contains(balanceSquareMillimetres)
        && price.minorUnits >= 0, "a pack has a size, and at most that left")
    self.id = id
    self.sizeSquareMillimetres = sizeSquareMillimetres
    self.price = price
    self.balanceSquareMillimetres = balanceSquareMillimetres
    self.expires = expires
  }

  /// Area that is taken from a pack.
  public struct Use: Hashable, Sendable, Codable {
    /// The pack.
    public let pack: String
    /// The area, in square millimetres.
    public let areaSquareMillimetres: Int64
    /// Its share of the pack's price: no money moves, since it was paid with the pack.
    public let cost: Money
  }

  /// Takes an area; the costs of all uses of a pack sum up to its price exactly.
  func taking(_ area: Int64) -> (use: Use, rest: PricePack) {
    precondition((0...balanceSquareMillimetres).contains(area), "a pack gives what it has")
    let balance = balanceSquareMillimetres - area
    // Money refuses more than the pack's own price, which it took before.
    let cost = try? Money(
      minorUnits: costSoFar(balance: balance) - costSoFar(balance: balanceSquareMillimetres),
      currency: price.currency)
    return (
      Use(pack: id, areaSquareMillimetres: area, cost: cost ?? .zero(price.currency)),
      PricePack(
        id: id, sizeSquareMillimetres: sizeSquareMillimetres, price: price,
        balanceSquareMillimetres: balance, expires: expires)
    )
  }

  private func costSoFar(balance: Int64) -> Int64 {
    let used = Int128(sizeSquareMillimetres - balance)
    return Int64(Int128(price.minorUnits) * used / Int128(sizeSquareMillimetres))
  }
}
