// SPDX-License-Identifier: Apache-2.0

/// What an episode earns: a right answer, less what was bought.
public enum RewardRule: Sendable, Equatable, Codable {
  /// 1 - (k/P)^2 where the answer is right, else minus the penalty (PatchDrop, eq. 9).
  case paper(penalty: Double)
  /// 1 where the answer is right, else 0, less `price` times k/P: what money asks for.
  case linear(price: Double)
  /// The true class's probability less `price` times k/P; it also sees near misses.
  case dense(price: Double)

  /// The reward of an episode.
  ///
  /// - Parameters:
  ///   - boughtCount: k, the number of patches bought.
  ///   - patchCount: P.
  ///   - isRight: whether the answer was the truth.
  ///   - trueProbability: the probability given to the truth; only ``dense(price:)`` looks at it.
  public func reward(
    boughtCount: Int, patchCount: Int, isRight: Bool, trueProbability: Double
  ) -> Double {
    let share = Double(boughtCount) / Double(patchCount)
    switch self {
    case .paper(let penalty): return isRight ? 1 - share * share : -penalty
    case .linear(let price): return (isRight ? 1 : 0) - price * share
    case .dense(let price): return trueProbability - price * share
    }
  }

  /// How much likelier a right answer must become for one more patch than `boughtCount` to pay,
  /// as the ratio of both probabilities, under the paper's rule.
  public static func breakEvenRatio(
    penalty: Double, boughtCount: Int, nextCount: Int, patchCount: Int
  ) -> Double {
    func value(_ count: Int) -> Double {
      let share = Double(count) / Double(patchCount)
      return 1 + penalty - share * share
    }
    return value(boughtCount) / value(nextCount)
  }
}

/// What a draw's reward is compared with before it moves the policy.
public enum Baseline: String, Sendable, Equatable, Codable, CaseIterable {
  /// The reward of the greedy mask (Rennie and others, 2017; PatchDrop's).
  case selfCritical = "self_critical"
  /// The mean reward of the chip's other draws (Kool and others, 2019).
  case leaveOneOut = "leave_one_out"

  /// The advantages of one chip's draws.
  ///
  /// - Parameter greedyReward: the reward of the greedy mask; only ``selfCritical`` looks at it.
  public func advantages(rewards: [Double], greedyReward: Double) -> [Double] {
    switch self {
    case .selfCritical: return rewards.map { $0 - greedyReward }
    case .leaveOneOut:
      precondition(rewards.count > 1, "leaving one out needs two draws")
      let sum = rewards.reduce(0, +)
      return rewards.map { $0 - (sum - $0) / Double(rewards.count - 1) }
    }
  }
}
