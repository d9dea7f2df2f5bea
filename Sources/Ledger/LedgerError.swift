// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation
public import Platform

/// Why the ledger refused, or could not go on.
///
/// Whatever is thrown, nothing was changed, unless the case says otherwise.
public enum LedgerError: Error, Equatable, CustomStringConvertible {
  // Budgets and amounts.

  /// No budget has this id.
  case unknownBudget(String)
  /// A budget of this id exists.
  case budgetExists(String)
  /// A text that the ledger keeps is not of the form it must have.
  case malformed(field: String, value: String, rule: String)
  /// An amount is negative, zero where that means nothing, or beyond the largest one.
  case badAmount(operation: LedgerOperation, amount: Money)
  /// An amount is in another currency than its budget.
  case wrongCurrency(budget: String, currency: String, got: Money)
  /// A purchase would go over the budget's limit.
  case overLimit(budget: BudgetBalance, asked: Money)
  /// The limit cannot go below what is spent, held and disputed.
  case limitInUse(budget: String, smallest: Money)

  // Orders.

  /// No order has this key.
  case unknownOrder(UUID)
  /// Another order has this key.
  case orderExists(UUID)
  /// The order is in a state that the change does not start from.
  case wrongState(order: UUID, state: OrderState, expected: [OrderState])
  /// The item does not exist, or is in a state that the change does not start from.
  case wrongItem(order: UUID, item: Int, state: OrderItemState?)
  /// A capture or a release is above what the order still holds.
  case aboveHold(order: UUID, held: Money, asked: Money)
  /// A refund is above what was captured.
  case aboveCapture(order: UUID, captured: Money, asked: Money)
  /// Another order has bought the patch, or is about to.
  case patchTaken(order: UUID, patch: PatchPosition, by: UUID)
  /// The vendor gets no new orders.
  case vendorFrozen(VendorFreeze)
  /// The vendor is not frozen.
  case notFrozen(vendor: String)
  /// The order has no open dispute.
  case noDispute(order: UUID)
  /// What a person agreed to pay cannot be paid in this way.
  case badAgreement(order: UUID, total: Money?, rule: String)
  /// A rule of the database refused; the text is the rule's.
  case rule(String)

  // The files.

  /// There is no ledger.
  case missing(path: String)
  /// Another process has the ledger open.
  case inUse(path: String)
  /// The file is no ledger of ours.
  case notALedger(path: String)
  /// The ledger was made by a newer version of the program.
  case newer(path: String, version: Int, known: Int)
  /// The ledger was made by an older version of the program, and only a daemon changes it.
  case outdated(path: String, version: Int)
  /// A copy would replace a file.
  case copyExists(path: String)
  /// A setting of the database could not be made.
  case setting(name: String, wanted: String, got: String)
  /// The ledger was left in the middle of a write, which only a writer can finish.
  case interrupted(path: String)
  /// The check of the books failed; the ledger is not opened.
  case broken(path: String, verification: LedgerVerification)
  /// The anchor knows of entries that the database has lost, or of others than it has.
  case anchorAhead(path: String, anchor: Int64, head: Int64)
  /// The anchor file cannot be understood, or is gone.
  case anchorUnreadable(path: String, reason: String)
  /// The disk is full.
  case noSpace(path: String)
  /// Reading or writing failed; the ledger takes no more changes. What was asked for may have been
  /// recorded: open the ledger again to see.
  case inputOutput(path: String, reason: String)
  /// An earlier failure has stopped this ledger.
  case stopped(reason: String)
  /// The ledger was opened for reading.
  case readOnly(path: String)

  /// The exit code of a program that ends on this error.
  public var exitCode: ExitCode {
    switch self {
    case .overLimit, .inUse, .interrupted, .outdated, .vendorFrozen: .tryLater
    case .newer, .notALedger, .setting: .configuration
    case .missing: .noInput
    case .inputOutput, .stopped, .noSpace: .inputOutput
    case .rule: .invariant
    case .copyExists: .cannotCreate
    default: .badData
    }
  }
}

extension LedgerError {
  /// What happened, and what to do.
  public var description: String {
    switch self {
    case .unknownBudget(let id):
      "there is no budget \"\(id.prefix(64))\". List them with fovea budget list, or create it."
    case .budgetExists(let id):
      "the budget \(id) exists. Choose another name, or add money with fovea budget top-up."
    case .malformed(let field, let value, let rule):
      "the \(field) \"\(value.prefix(80))\" is not allowed. \(rule)"
    case .badAmount(let operation, let amount):
      "\(amount) is no amount to \(operation.rawValue). Give at least one minor unit and at most "
        + "\(Money.largestMinorUnits) in all."
    case .wrongCurrency(let budget, let currency, let got):
      "the budget \(budget) is in \(currency) and \(got) is not. Use a budget in that currency."
    case .overLimit(let budget, let asked):
      "the budget \(budget.id) has a limit of \(budget.granted), of which \(budget.spent) are "
        + "captured, \(budget.held) held and \(budget.disputed) disputed; \(asked) were asked "
        + "for. Raise the limit, or buy less."
    case .limitInUse(let budget, let smallest):
      "the budget \(budget) cannot be lowered so far: \(smallest) are spent, held or disputed. "
        + "Lower it to \(smallest) at the least."
    default:
      orderDescription ?? fileDescription
    }
  }

  private var orderDescription: String? {
    switch self {
    case .unknownOrder(let key):
      "there is no order \(key.text). List them with fovea order list."
    case .orderExists(let key):
      "another order has the key \(key.text). Make a new key for each order."
    case .wrongState(let order, let state, let expected):
      "order \(order.text) is \(state.rawValue), and this needs it to be "
        + "\(expected.map(\.rawValue).sorted().joined(separator: " or ")). Look at it again."
    case .wrongItem(let order, let item, let state):
      "item \(item) of order \(order.text) is \(state?.rawValue ?? "unknown"), which does not "
        + "allow this. Look at the order again."
    case .aboveHold(let order, let held, let asked):
      "order \(order.text) still holds \(held), and \(asked) were asked for. Capture what is "
        + "held and open a dispute about the rest."
    case .aboveCapture(let order, let captured, let asked):
      "\(captured) were captured for order \(order.text), and \(asked) cannot be refunded. "
        + "Refund at most what was captured."
    case .patchTaken(let order, let patch, let other):
      "patch \(patch) of order \(order.text) belongs to order \(other.text). Plan the job again."
    case .vendorFrozen(let freeze):
      "\(freeze.vendor) gets no new orders since \(Timestamp.text(freeze.at).prefix(10)): "
        + "\(freeze.reason). When that is settled, release it with fovea vendors unfreeze "
        + "\(freeze.vendor) --reason TEXT."
    case .notFrozen(let vendor):
      "\(vendor) is not frozen. List the vendors with fovea vendors."
    case .noDispute(let order):
      "order \(order.text) has no open dispute. Look at it with fovea order show."
    case .badAgreement(let order, let total, let rule):
      "\(total.map { "\($0)" } ?? "nothing") cannot be agreed on for order \(order.text). \(rule)"
    case .rule(let rule):
      "the database refused: \(rule). Nothing was changed; please report this as a fault."
    default: nil
    }
  }

  private var fileDescription: String {
    switch self {
    case .missing(let path):
      "there is no ledger at \(path). Give the daemon's state directory with --state."
    case .inUse(let path):
      "\(path) is in use by another process. Ask the daemon (fovea ledger), or stop it first."
    case .notALedger(let path):
      "\(path) is not a ledger of this program. Move it away, or give another --state."
    case .newer(let path, let version, let known):
      "\(path) has version \(version), and this program knows \(known). Install the newer program."
    case .outdated(let path, let version):
      "\(path) is of the older version \(version). Start the daemon once: it keeps a copy, and "
        + "brings the file up to date."
    case .copyExists(let path):
      "\(path) is there already. Give another folder; nothing is overwritten."
    case .setting(let name, let wanted, let got):
      "the database setting \(name) is \(got) and must be \(wanted). Use the SQLite of your "
        + "distribution and a local file system."
    case .interrupted(let path):
      "\(path) was left in the middle of a write. Start the daemon once, which completes it."
    case .broken(let path, let verification):
      "\(path) is damaged: \(verification.problems.first ?? "the check failed"). "
        + "Buy nothing, and restore a backup; fovea ledger verify --state lists all problems."
    case .anchorAhead(let path, let anchor, let head):
      "the anchor beside \(path) names entry \(anchor), which the ledger (at \(head)) does not "
        + "have: entries were lost or changed. Buy nothing, and restore the newest backup; "
        + "fovea ledger recover --state says how."
    case .anchorUnreadable(let path, let reason):
      "the anchor \(path) \(reason). Restore it from a backup; it holds the number and the hash "
        + "of the newest entry."
    case .noSpace(let path):
      "there is no space left to write \(path). Free some; nothing was changed meanwhile."
    case .inputOutput(let path, let reason):
      "reading or writing \(path) failed: \(reason). Check the disk, then start again."
    case .stopped(let reason):
      "the ledger has stopped after an earlier failure: \(reason). Check the disk, then restart."
    default:
      "the ledger was opened for reading. Send changes to the daemon."
    }
  }
}
