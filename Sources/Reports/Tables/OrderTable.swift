// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger

/// `report.csv`: a line for each order, and one for all of them, whose `order` is `total`.
///
/// | column | what |
/// |---|---|
/// | `order`, `vendor_order` | our key, the vendor's name for it |
/// | `product`, `state` | what was ordered, where the order is |
/// | `items`, `items_bought`, `patches`, `patches_bought` | ordered, delivered and paid |
/// | `needed_km2`, `billed_km2` | the area of what was ordered; what the vendor bills, if it says |
/// | `quoted`, `captured`, `charged`, `disputed` | the vendor's price; paid; paid and not returned; in dispute |
/// | `currency` | of all amounts, which are decimal |
/// | `note` | a dispute, and why the order waits for a person and what to do |
enum OrderTable {
  static let columns = [
    "order", "vendor_order", "product", "state", "items", "items_bought", "patches",
    "patches_bought", "needed_km2", "billed_km2", "quoted", "captured", "charged", "disputed",
    "currency", "note",
  ]

  static func encode(_ report: JobReport) throws(MoneyError) -> Data {
    let total = try OrderTotals(report)
    var text = CSVRow.text(columns)
    for order in report.orders {
      text += CSVRow.text([
        order.key, order.vendorOrder ?? "", order.product.description, order.state.rawValue,
        "\(order.items)", "\(order.itemsBought)", "\(order.patches)", "\(order.patchesBought)",
        squareKilometres(order.neededAreaM2),
        order.billedAreaM2.map(squareKilometres) ?? "", order.price?.decimalText ?? "",
        order.captured.decimalText, order.charged.decimalText, order.disputed.decimalText,
        order.captured.currency.code, order.note ?? "",
      ])
    }
    text += CSVRow.text([
      "total", "", "", "", "\(total.items)", "\(total.itemsBought)", "\(total.patches)",
      "\(total.patchesBought)", squareKilometres(total.neededAreaM2),
      total.billedAreaM2.map(squareKilometres) ?? "", total.quoted.decimalText,
      report.money.captured.decimalText, report.money.spent.decimalText,
      report.money.disputed.decimalText, report.money.spent.currency.code, "",
    ])
    return Data(text.utf8)
  }

  private static func squareKilometres(_ squareMetres: Double) -> String {
    Figures.plain(squareMetres / 1e6, digits: 6)
  }
}

extension JobReport.Order {
  /// What a reader should know of the order besides its figures; nil where all went well.
  var note: String? {
    var sentences: [String] = []
    if let dispute {
      let about =
        "the vendor charges \(dispute.charged), \(dispute.agreed) was agreed: \(dispute.reason)"
      switch dispute.outcome {
      case nil: sentences.append("In dispute: \(about)")
      case .credit: sentences.append("A dispute that the vendor gave up: \(about)")
      case .pay:
        let total = dispute.paid.map { ", \($0) in all" } ?? ""
        sentences.append("A dispute that ended with a payment\(total): \(about)")
      }
    }
    if let parking { sentences += [parking.reason, parking.remedy] }
    guard !sentences.isEmpty else { return nil }
    return sentences.map {
      ($0.first?.uppercased() ?? "") + $0.dropFirst() + ($0.hasSuffix(".") ? "" : ".")
    }.joined(separator: " ")
  }
}

/// The orders of a report, added up.
struct OrderTotals {
  let items: Int
  let itemsBought: Int
  let patches: Int
  let patchesBought: Int
  let areaM2: Double
  let neededAreaM2: Double
  /// Nil where a vendor does not say for every order what it bills.
  let billedAreaM2: Double?
  /// The quotes of the orders that went on.
  let quoted: Money

  init(_ report: JobReport) throws(MoneyError) {
    let orders = report.orders
    items = orders.reduce(0) { $0 + $1.items }
    itemsBought = orders.reduce(0) { $0 + $1.itemsBought }
    patches = orders.reduce(0) { $0 + $1.patches }
    patchesBought = orders.reduce(0) { $0 + $1.patchesBought }
    areaM2 = orders.reduce(0) { $0 + $1.areaM2 }
    neededAreaM2 = orders.reduce(0) { $0 + $1.neededAreaM2 }
    let billed = orders.compactMap(\.billedAreaM2)
    billedAreaM2 = billed.count == orders.count && !billed.isEmpty ? billed.reduce(0, +) : nil
    var sum = Money.zero(report.money.spent.currency)
    for order in orders { if let price = order.price { sum = try sum.adding(price) } }
    quoted = sum
  }
}
