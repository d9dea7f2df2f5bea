// SPDX-License-Identifier: Apache-2.0

import Foundation
import PatchDrop

/// A line of an evaluation's table: what was measured of a system, what the paper says of it, or
/// both.
struct EvaluationLine {
  let system: EvaluationSystem
  let stage: AgentVariant?
  /// Nil where only the paper has figures.
  let row: EvaluationRow?
  let published: PublishedResult?

  /// The lines of the measured stages in the order of the paper's tables: what stands alone, then
  /// each stage.
  static func lines(
    _ rows: [EvaluationRow], published data: PublishedDataSet
  ) -> [EvaluationLine] {
    let stages = AgentVariant.allCases.filter { stage in rows.contains { $0.stage == stage } }
    return ([nil] + stages).flatMap { stage in
      EvaluationSystem.allCases.filter { $0.standsAlone == (stage == nil) }.compactMap { system in
        let row = rows.first { $0.system == system && $0.stage == stage }
        let published = system.published(on: data, stage: stage)
        guard row != nil || published != nil else { return nil }
        return EvaluationLine(system: system, stage: stage, row: row, published: published)
      }
    }
  }

  /// Whether a comparison had to be answered by PatchDrop's own classifier.
  var lacksTraining: Bool { row?.epochs == 0 }
}

extension AgentVariant {
  /// The paper's name of the setting.
  var title: String {
    switch self {
    case .pt: "Pt"
    case .ft1: "Ft-1"
    case .ft2: "Ft-2"
    }
  }

  /// What is trained in it.
  var summary: String {
    switch self {
    case .pt: "the policy is trained, the high-resolution classifier is frozen"
    case .ft1: "policy and high-resolution classifier are trained together"
    case .ft2: "the same, and the low-resolution classifier joins the answer"
    }
  }
}

/// Numbers as tables show them.
enum EvaluationFigures {
  /// A number with some digits after its point.
  static func number(_ value: Double, digits: Int = 2) -> String {
    String(format: "%.\(digits)f", value)
  }

  /// A share in percent, without its sign.
  static func percent(_ share: Double, digits: Int = 1) -> String {
    number(100 * share, digits: digits)
  }

  /// A difference in percentage points, with its sign.
  static func points(_ difference: Double, minus: String = "-") -> String {
    let text = number(abs(100 * difference), digits: 1)
    return (text == "0.0" ? "" : difference < 0 ? minus : "+") + text
  }

  /// A count with a comma before each three digits.
  static func count(_ count: Int) -> String {
    var digits = String(count)
    var place = digits.count - 3
    while place > 0 {
      digits.insert(",", at: digits.index(digits.startIndex, offsetBy: place))
      place -= 3
    }
    return digits
  }
}
