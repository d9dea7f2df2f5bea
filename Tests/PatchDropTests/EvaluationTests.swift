// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import PatchDrop
import Platform
import TestSupport
import Testing

/// A small bundle against chips it was not trained on: what each row says.
@Suite struct EvaluationTests {
  private static let trained = Result { try train() }
  private let evaluation: Evaluation

  init() throws { evaluation = try Self.trained.get() }

  /// A short training: what matters here is not how good it is.
  private static func train() throws -> Evaluation {
    let folder = try TemporaryFolder()
    let chips = StripedChips.make(count: 192)
    var options = StripedChips.options
    options.hr.epochs = 4
    options.warm.epochs = 4
    options.pt.epochs = 4
    options.ft1.epochs = 1
    options.ft2.epochs = 1
    options.comparisons.epochs = 2
    options.ft1.targetPatches = 2.6
    let bundle = try StripedChips.training(
      chips, in: folder.url.appending(path: "stages"), options: options
    ).writeBundle(
      name: "striped", source: ("made up", "none"), command: "test",
      to: folder.url.appending(path: "striped.safetensors"))
    return try Evaluation(bundle: bundle, chips: chips, indices: chips.indices(of: .train))
  }

  @Test func `each setting has the systems of the tables, at PatchDrop's S exactly`() throws {
    let rows = evaluation.rows()
    let systems: [EvaluationSystem] = [.fixedH, .fixedV, .stochastic, .patchDrop, .lrMargin]
    #expect(rows.map(\.system) == [.lrCNN] + systems + systems + systems + [.hrCNN])
    #expect(rows.map(\.stage).first == .some(nil) && rows.map(\.stage).last == .some(nil))
    for stage in AgentVariant.allCases {
      let own = rows.filter { $0.stage == stage }
      let patchDrop = try #require(own.first { $0.system == .patchDrop })
      for row in own where row.system != .lrMargin {
        #expect(row.patches == patchDrop.patches, "\(row.system) \(stage)")
      }
      let gate = try #require(own.first { $0.system == .lrMargin })
      #expect(abs(gate.patches - patchDrop.patches) <= 8 / Double(evaluation.count))
      #expect(Set(gate.maskCounts ?? []).count <= 3, "whole chips or nothing")
      // Whole patches of everyone's list, and one more of some chips.
      let fixed = try #require(own.first { $0.system == .fixedH })
      let whole = Int(patchDrop.patches)
      for (count, chips) in (fixed.maskCounts ?? []).enumerated()
      where count != whole && count != whole + 1 { #expect(chips == 0) }
      #expect(patchDrop.patchDropDifference == nil && gate.patchDropDifference != nil)
      for system in [EvaluationSystem.fixedH, .fixedV, .stochastic] {
        let epochs = own.first { $0.system == system }?.epochs
        #expect(epochs == (stage == .pt ? nil : 2))
      }
    }
    #expect(rows.allSatisfy { $0.maskCounts?.reduce(0, +) == evaluation.count })
    #expect(evaluation.rows() == rows, "nothing is left to chance")
  }

  @Test func `rows say what the predictions say`() throws {
    let masks = evaluation.masks()
    let predictions = evaluation.predictions(masks: masks)
    let row = try #require(
      evaluation.rows().first { $0.system == .patchDrop && $0.stage == .ft2 })
    let isRight = predictions.map { $0.truth == $0.predicted }
    #expect(row.accuracy == Double(isRight.count { $0 }) / Double(isRight.count))
    #expect(row.distinctMasks == Set(predictions.map(\.mask)).count)
    #expect(row.patches == Double(masks.reduce(0) { $0 + $1.count }) / Double(masks.count))
    // Two classes: what the answer lacks of 1 belongs to the other.
    let surprises = predictions.map { prediction in
      let probability = Double(prediction.probability)
      return -log(prediction.truth == prediction.predicted ? probability : 1 - probability)
    }
    let mean = surprises.reduce(0, +) / Double(surprises.count)
    #expect(abs((row.nll ?? .nan) - mean) < 1e-5)
    let ece = Calibration.expectedError(
      confidences: predictions.map { Double($0.probability) }, isRight: isRight)
    #expect(row.ece == ece)
    #expect(evaluation.row(masks: masks).accuracy == row.accuracy)
    #expect(evaluation.row(masks: masks).patchDropDifference?.mean == 0)
  }

  @Test func `the JSON has the documented keys, and null where there is nothing to say`() throws {
    let report = EvaluationReport(
      rows: evaluation.rows(), data: "striped", split: nil, images: evaluation.count,
      unreadable: 0, model: "0")
    let object = try #require(
      try JSONSerialization.jsonObject(with: JSON.encoder().encode(report)) as? [String: Any])
    #expect(object["split"] is NSNull && object["images"] as? Int == evaluation.count)
    let rows = try #require(object["rows"] as? [[String: Any]])
    let keys: Set = [
      "system", "stage", "accuracy", "accuracy_interval", "patches", "cost_share", "ece", "nll",
      "distinct_masks", "mask_counts", "collapse", "published",
    ]
    for row in rows { #expect(keys.isSubset(of: row.keys), "\(row)") }
    let whole = try #require(rows.last)
    #expect(whole["system"] as? String == "hr_cnn" && whole["stage"] is NSNull)
    #expect((whole["accuracy_interval"] as? [Double])?.count == 2)
    let fixed = try #require(
      rows.first { $0["system"] as? String == "fixed_h" && $0["stage"] as? String == "ft1" })
    let published = try #require(fixed["published"] as? [String: [String: Double]])
    let patchDrop = try #require(rows.first { $0["system"] as? String == "patchdrop" })
    #expect((patchDrop["ece_interval"] as? [Double])?.count == 2)
    #expect(published["fmow"] == ["accuracy": 0.633, "patches": 6])
    #expect(fixed["epochs"] as? Int == 2)
    #expect((fixed["patchdrop_difference"] as? [String: Any])?["interval"] is [Double])
  }

  @Test func `curves go from nothing to everything, through the policy's own threshold`() throws {
    var steps: [Int] = []
    let study = evaluation.study { done, total in steps.append(total - done) }
    #expect(study.rows == evaluation.rows())
    #expect(steps == steps.sorted(by: >) && steps.last == 0, "\(steps.suffix(1))")
    #expect(study.curves.map(\.stage) == [.pt, .ft1, .ft2, .ft2])
    #expect(study.curves.map(\.system) == [.patchDrop, .patchDrop, .patchDrop, .lrMargin])
    let nothing = try #require(study.rows.first)
    for curve in study.curves {
      let patches = curve.points.map(\.patches)
      #expect(patches == patches.sorted() && patches.last == 16)
      #expect(curve.points.first == .init(patches: 0, accuracy: nothing.accuracy))
      #expect(curve.points.count > 4)
      guard curve.system == .patchDrop else { continue }
      let row = try #require(
        study.rows.first { $0.system == .patchDrop && $0.stage == curve.stage })
      #expect(curve.points.contains(.init(patches: row.patches, accuracy: row.accuracy)))
    }
    // The gate with everything bought is the policy with everything bought.
    #expect(study.curves[2].points.last == study.curves[3].points.last)
    let predictions = evaluation.predictions(masks: study.cases.map(\.mask))
    #expect(study.cases.map(\.mask) == evaluation.masks())
    #expect(study.cases.map(\.outcome.probability) == predictions.map(\.probability))
    #expect(study.cases.map(\.index) == evaluation.indices)
  }

  @Test func `the card keeps rows as they were measured`() throws {
    let rows = evaluation.rows()
    let data = try JSONEncoder().encode(rows)
    #expect(try JSONDecoder().decode([EvaluationRow].self, from: data) == rows)
  }
}
