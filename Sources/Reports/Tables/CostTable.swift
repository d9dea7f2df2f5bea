// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import Platform

/// `costs.csv`: a line for each movement of money between the job and a vendor, in the columns of
/// FOCUS 1.0, the open cost format that finance tools read.
///
/// `BilledCost` adds up to what the job has spent. A delivered item is a `Purchase` whose
/// `ListCost` is its part, by area, of the quoted price; a dispute that the vendor won is an
/// `Adjustment`, a refund a negative `Credit`. The columns that begin with `x_` are ours.
struct CostTable {
  let inputs: ReportInputs
  let notice: String

  static let columns = [
    "BilledCost", "BillingAccountId", "BillingCurrency", "BillingPeriodStart", "BillingPeriodEnd",
    "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency", "ChargePeriodStart",
    "ChargePeriodEnd", "EffectiveCost", "InvoiceIssuerName", "ListCost", "PricingCategory",
    "PricingQuantity", "PricingUnit", "ProviderName", "PublisherName", "ResourceId",
    "ServiceCategory", "ServiceName", "SkuId", "x_Job", "x_Order", "x_Item", "x_VendorOrder",
    "x_LedgerEntry", "x_LedgerOperation", "x_Licence", "x_Attribution",
  ]

  func encode() throws(MoneyError) -> Data {
    let orders = Dictionary(inputs.orders.map { ($0.key, $0) }) { first, _ in first }
    var text = CSVRow.text(Self.columns)
    for entry in inputs.entries {
      guard let charge = Charge(entry), let key = entry.order, let order = orders[key] else {
        continue
      }
      text += CSVRow.text(try row(entry, charge, of: order))
    }
    return Data(text.utf8)
  }

  private func row(
    _ entry: LedgerEntry, _ charge: Charge, of order: OrderRecord
  ) throws(MoneyError) -> [String] {
    let amount =
      charge.isReturned
      ? try Money.zero(entry.amount.currency).subtracting(entry.amount) : entry.amount
    let rectangle = entry.item.map { order.draft.rectangles[$0] }
    let listed = entry.item.flatMap { listCost(of: $0, in: order) }
    let area = rectangle.map {
      Double(Int64($0.patchCount) * order.draft.grid.patchAreaSquareMillimetres) / 1e12
    }
    let (month, nextMonth) = Self.month(of: entry.at)
    let product = order.draft.product
    return [
      amount.decimalText, entry.budget, amount.currency.code, month, nextMonth, charge.category,
      charge.isCorrection ? "Correction" : "", charge.words, "One-Time", Self.second(entry.at),
      Self.second(entry.at.addingTimeInterval(1)), amount.decimalText, product.vendor,
      (listed ?? amount).decimalText, "Standard", area.map { Figures.plain($0, digits: 6) } ?? "",
      area == nil ? "" : "km2", product.vendor, product.vendor,
      entry.item.map { "\(order.key.text)/\($0)" } ?? order.key.text, "Other",
      "Satellite and aerial imagery", product.description, inputs.job.id, order.key.text,
      entry.item.map { "\($0)" } ?? "", order.vendorOrderID ?? "", "\(entry.seq)",
      entry.operation.rawValue, inputs.licence?.id ?? "", notice,
    ]
  }

  /// An item's part of the quoted price, by area: the parts of all items add up to the price.
  private func listCost(of item: Int, in order: OrderRecord) -> Money? {
    order.quote?.price.parts(byWeights: order.draft.rectangles.map { Int64($0.patchCount) })[item]
  }

  /// A time to the second, as FOCUS has it.
  private static func second(_ date: Date) -> String {
    String(Timestamp.text(date).prefix(19)) + "Z"
  }

  /// The beginnings of a date's month and of the next one.
  private static func month(of date: Date) -> (start: String, end: String) {
    let text = Timestamp.text(date)
    let (year, month) = (Int(text.prefix(4)) ?? 1970, Int(text.dropFirst(5).prefix(2)) ?? 1)
    func start(_ year: Int, _ month: Int) -> String {
      "\(year)-\(month < 10 ? "0" : "")\(month)-01T00:00:00Z"
    }
    return (start(year, month), month == 12 ? start(year + 1, 1) : start(year, month + 1))
  }
}

/// What a ledger entry is to those who look at costs.
private enum Charge {
  case delivered
  case disputeLost
  case refunded

  /// Nil for entries that move no money to or from a vendor.
  init?(_ entry: LedgerEntry) {
    switch entry.operation {
    case .capture: self = .delivered
    case .settle: self = .disputeLost
    case .refund: self = .refunded
    case .grant, .reduce, .hold, .release, .overcharge, .credit: return nil
    }
  }

  var category: String {
    switch self {
    case .delivered: "Purchase"
    case .disputeLost: "Adjustment"
    case .refunded: "Credit"
    }
  }

  var words: String {
    switch self {
    case .delivered: "Imagery delivered and verified"
    case .disputeLost: "Charge above the quote, accepted"
    case .refunded: "Refund"
    }
  }

  var isCorrection: Bool { self != .delivered }
  var isReturned: Bool { self == .refunded }
}
