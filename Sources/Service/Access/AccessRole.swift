// SPDX-License-Identifier: Apache-2.0

/// What the holder of a token may do; each role may also do what those before it may.
public enum AccessRole: String, Sendable, Codable, CaseIterable, Comparable {
  /// Look at everything.
  case read
  /// Add and remove scenes, submit jobs that a person approves, and cancel jobs.
  case submit
  /// Submit jobs that buy, and approve those of others.
  case spend
  /// Everything: budgets, and orders that wait for a person.
  case admin

  private var rank: Int {
    switch self {
    case .read: 0
    case .submit: 1
    case .spend: 2
    case .admin: 3
    }
  }

  /// Whether the role may do less.
  public static func < (left: AccessRole, right: AccessRole) -> Bool { left.rank < right.rank }

  /// Whether tokens of the role name the budgets that they may use.
  public var isBoundToBudgets: Bool { self == .submit || self == .spend }
}
