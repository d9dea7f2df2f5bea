// SPDX-License-Identifier: Apache-2.0

import Acquisition
public import Foundation
import Platform

/// A form in which the entries leave the ledger.
public enum LedgerExportFormat: String, Hashable, Sendable, CaseIterable {
  /// A journal for hledger, every posting with the balance that it leaves.
  case hledger
  /// A line for each entry, with a head line.
  case csv
  /// An array of entries.
  case json
}

extension Ledger {
  /// The entries as UTF-8 text with LF line ends, in the order of the chain.
  ///
  /// - Parameter since: only entries after this number; the journal then starts with a transaction
  ///   that brings the balances forward.
  public func export(
    _ format: LedgerExportFormat, since: Int64 = 0
  ) throws(LedgerError) -> Data {
    let entries = try entries()
    let wanted = entries.filter { $0.seq > since }
    switch format {
    case .hledger:
      return Data(HledgerJournal(entries: entries, since: since).text.utf8)
    case .csv:
      return Data(Self.csv(wanted).utf8)
    case .json:
      do {
        return try JSON.encoder(pretty: true).encode(wanted) + Data("\n".utf8)
      } catch {
        throw .inputOutput(path: file.path, reason: "\(error)")
      }
    }
  }

  private static func csv(_ entries: [LedgerEntry]) -> String {
    let head =
      "seq,at,budget,operation,amount,currency,from,from_after,to,to_after,order,item,actor,hash\n"
    return entries.reduce(into: head) { text, entry in
      let fields = [
        "\(entry.seq)", Timestamp.text(entry.at), entry.budget, entry.operation.rawValue,
        entry.amount.decimalText, entry.amount.currency.code, entry.operation.source.rawValue,
        entry.sourceAfter.decimalText, entry.operation.destination.rawValue,
        entry.destinationAfter.decimalText, entry.order?.text ?? "",
        entry.item.map { "\($0)" } ?? "", quoted(entry.actor), entry.hash,
      ]
      text += fields.joined(separator: ",") + "\n"
    }
  }

  private static func quoted(_ field: String) -> String {
    guard field.contains(where: { ",\"".contains($0) }) else { return field }
    return "\"" + field.replacing("\"", with: "\"\"") + "\""
  }
}

/// The entries in hledger's journal format.
///
/// Each posting asserts its account's balance, so `hledger check` proves the whole chain of
/// balances with a program that is not ours.
private struct HledgerJournal {
  let entries: [LedgerEntry]
  let since: Int64

  var text: String {
    var text = ""
    // hledger checks assertions by date, and a clock may go back: an entry is never dated before
    // an earlier one.
    var latest = ""
    for entry in entries {
      latest = max(latest, String(Timestamp.text(entry.at).prefix(10)))
      guard entry.seq > since else { continue }
      if text.isEmpty { text += opening(day: latest) }
      text += transaction(entry, day: latest)
    }
    return text
  }

  private func transaction(_ entry: LedgerEntry, day: String) -> String {
    let order = entry.order.map { " \($0.text)" } ?? ""
    let item = entry.item.map { " item \($0)" } ?? ""
    var text = "\(day) \(entry.operation.rawValue)\(order)\(item)\n"
    text += "    ; entry \(entry.seq), \(Timestamp.text(entry.at)), by \(entry.actor)\n"
    let amount = entry.amount
    text += posting(
      entry.budget, entry.operation.source, minus: true, amount, after: entry.sourceAfter)
    text += posting(
      entry.budget, entry.operation.destination, minus: false, amount,
      after: entry.destinationAfter)
    return text + "\n"
  }

  /// The balances that the entries left out have made.
  private func opening(day: String) -> String {
    var balances: [String: [AccountKind: Money]] = [:]
    for entry in entries where entry.seq <= since {
      balances[entry.budget, default: [:]][entry.operation.source] = entry.sourceAfter
      balances[entry.budget, default: [:]][entry.operation.destination] = entry.destinationAfter
    }
    guard !balances.isEmpty else { return "" }
    var text = "\(day) balances after entry \(since)\n"
    for (budget, accounts) in balances.sorted(by: { $0.key < $1.key }) {
      for kind in AccountKind.allCases {
        guard let balance = accounts[kind] else { continue }
        text += posting(budget, kind, minus: false, balance, after: balance)
      }
    }
    return text + "\n"
  }

  private func posting(
    _ budget: String, _ kind: AccountKind, minus: Bool, _ amount: Money, after: Money
  ) -> String {
    let sign = minus && amount.minorUnits != 0 ? "-" : ""
    let code = amount.currency.code
    return "    \(budget):\(kind.rawValue)  \(code) \(sign)\(amount.decimalText)"
      + " = \(code) \(after.decimalText)\n"
  }
}
