// SPDX-License-Identifier: Apache-2.0

/// Why a job failed or waits for a person: where, what, and what to do.
public struct Trouble: Hashable, Sendable, Codable, CustomStringConvertible {
  /// Where it went wrong: the step, the order or the file.
  public let place: String
  /// What went wrong, in a sentence.
  public let what: String
  /// What to do about it, in a sentence.
  public let remedy: String

  private enum CodingKeys: String, CodingKey {
    case place = "where"
    case what
    case remedy = "do"
  }

  /// Creates a reason.
  public init(where place: String, what: String, do remedy: String) {
    self.place = place
    self.what = what
    self.remedy = remedy
  }

  /// `WHERE: WHAT DO`, one line.
  public var description: String {
    remedy.isEmpty ? "\(place): \(what)" : "\(place): \(what) \(remedy)"
  }
}
