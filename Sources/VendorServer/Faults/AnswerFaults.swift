// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform

/// Changes what an answer's document says: the faults of the stage `document`.
///
/// It works on JSON and not on our types, since what it makes of them is often no value of theirs.
struct AnswerFaults {
  let faults: CallFaults

  /// The body with the document faults of the call.
  func changed(_ body: Data) throws -> Data {
    let rules = faults.rules.filter { $0.fault.stage == .document }
    guard !rules.isEmpty,
      var document = try JSONSerialization.jsonObject(with: body) as? [String: Any]
    else { return body }
    for rule in rules {
      if let orders = document["items"] as? [[String: Any]], orders.contains(where: \.isOrder) {
        document["items"] = orders.map { changed($0, by: rule) }
      } else {
        document = changed(document, by: rule)
      }
    }
    return try JSONSerialization.data(
      withJSONObject: document, options: [.sortedKeys, .withoutEscapingSlashes])
  }

  private func changed(_ document: [String: Any], by rule: FaultRule) -> [String: Any] {
    var document = document
    switch rule.fault {
    case .price: price(&document, rule)
    case .area:
      let area = document["area_mm2"] as? Int64 ?? 0
      document["area_mm2"] = area * Int64(rule.integer("percent") ?? 200) / 100
    case .clock: clock(&document, rule)
    case .state:
      let word = rule.settings["as"] ?? "BEING_FULFILLED"
      document["state"] = word
      document.changeItems { $0["state"] = word }
    case .stranger: document["reference"] = UUID().uuidString.lowercased()
    case .omit: document.items.map { document["items"] = $0.removing(place(rule, $0)) }
    case .twice:
      document.items.map { items in
        document["items"] = items + [items[place(rule, items)]]
      }
    case .checksum, .length, .link:
      document.items.map { items in
        var items = items
        for index in items.indices where rule.item == nil || items[index].number == rule.item {
          delivery(&items[index], rule)
        }
        document["items"] = items
      }
    default: break
    }
    return document
  }

  /// The index of the item that a rule means: the last one where it names none.
  private func place(_ rule: FaultRule, _ items: [[String: Any]]) -> Int {
    items.firstIndex { $0.number == rule.item } ?? items.count - 1
  }

  private func price(_ document: inout [String: Any], _ rule: FaultRule) {
    func change(_ money: Any?) -> Any? {
      guard var money = money as? [String: Any], let units = money["minor_units"] as? Int else {
        return money
      }
      switch rule.settings["as"] {
      case "other-currency":
        money["currency"] = money["currency"] as? String == "USD" ? "EUR" : "USD"
      case "noise": money["minor_units"] = Double(units) + 0.000_000_1
      case "negative": money["minor_units"] = -units
      case "none": return nil
      default: money["minor_units"] = units * (rule.integer("percent") ?? 110) / 100
      }
      return money
    }
    // A quote and a receipt have a price, a report has charges.
    if rule.phase == .status {
      document["charged"] = change(document["charged"])
      document.changeItems { $0["charge"] = change($0["charge"]) }
    } else {
      document["price"] = change(document["price"])
    }
  }

  private func clock(_ document: inout [String: Any], _ rule: FaultRule) {
    guard let text = document["valid_until"] as? String, let date = Timestamp.date(text) else {
      return
    }
    document["valid_until"] = Timestamp.text(
      date.addingTimeInterval(Double(rule.integer("seconds") ?? -86_400)))
  }

  private func delivery(_ item: inout [String: Any], _ rule: FaultRule) {
    switch rule.fault {
    case .checksum:
      let sum = item["sha256"] as? String ?? ""
      item["sha256"] =
        switch rule.settings["as"] {
        case "upper": sum.uppercased()
        case "md5": String(sum.prefix(32))
        default: String(sum.reversed())
        }
    case .length:
      item["byte_count"] = (item["byte_count"] as? Int ?? 0) + (rule.integer("bytes") ?? -1)
    default: item["url"] = rule.settings["to"] ?? "https://elsewhere.example/item"
    }
  }
}

extension [String: Any] {
  fileprivate var isOrder: Bool { self["order_id"] != nil }
  fileprivate var number: Int? { self["number"] as? Int }

  fileprivate var items: [[String: Any]]? {
    (self["items"] as? [[String: Any]]).flatMap { $0.isEmpty ? nil : $0 }
  }

  fileprivate mutating func changeItems(_ change: (inout [String: Any]) -> Void) {
    guard var items else { return }
    for index in items.indices { change(&items[index]) }
    self["items"] = items
  }
}

extension [[String: Any]] {
  fileprivate func removing(_ index: Int) -> [[String: Any]] {
    var rest = self
    rest.remove(at: index)
    return rest
  }
}
