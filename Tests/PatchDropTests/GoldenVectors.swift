// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The worked examples in `Fixtures/golden/patchdrop.json`.
struct GoldenVectors: Decodable {
  struct Reward: Decodable {
    let k: Int
    let correct: Double
    let incorrect: [String: Double]
  }
  struct RewardCase: Decodable {
    let mask: [Int]
    let correct: Bool
    let sigma: Double
    let expected: Double
  }
  struct AlphaRow: Decodable {
    let alpha: Double
    let s: Double
    let sScaled: Double
    let dsScaledDs: Double
    let slideReadingWrong: Double
  }
  struct AlphaScaling: Decodable { let rows: [AlphaRow] }
  struct ScheduleRow: Decodable {
    let epoch: Int
    let epochs: Int
    let start: Double
    let end: Double
    let alpha: Double
  }
  struct FollowUpRow: Decodable {
    let epoch: Int
    let start: Double
    let alpha: Double
  }
  struct Schedules: Decodable {
    let linear: [ScheduleRow]
    let objectDetectionFollowup: [FollowUpRow]
  }
  struct PatchPlace: Decodable {
    let p: Int
    let row: Int
    let col: Int
    let y0: Int
    let x0: Int
    let size: Int
  }
  struct PatchGrids: Decodable {
    let hr32P16: [PatchPlace]
    let hr64P16: [PatchPlace]
    let columnMajorFigureToRowMajor: [Int]
  }
  struct Masking: Decodable {
    let channelMean: Double
    let channelStd: Double
    let rawU8: [[UInt8]]
    let normalised: [[Double]]
    let mask: [Int]
    let expectedMasked: [[Double]]
    let wrongMaskBeforeNormalisation: [[Double]]
    let valueADroppedPixelHasInRawUnits: Double
    let valueWrongOrderGivesDroppedPixel: Double
  }
  struct Downsampling: Decodable {
    let area: [[Double]]
    let nearest: [[Double]]
  }
  struct FusionCase: Decodable {
    let name: String
    let fH: [Double]
    let fL: [Double]
    let k: Int
    let largeP: Int
    let sumLogits: [Double]
    let sumSoftmax: [Double]
    let sumArgmax: Int
    let weightedLogits: [Double]
    let weightedSoftmax: [Double]
    let weightedArgmax: Int
    let productOfSoftmaxesRenormalised: [Double]
  }
  struct SelfCritical: Decodable {
    let name: String
    let variant: String
    let largeP: Int
    let u: [Double]
    let alpha: Double
    let sigma: Double
    let a: [Int]
    let y: Int
    let fHSample: [Double]
    let fHGreedy: [Double]
    let fL: [Double]?
    let s: [Double]
    let sScaled: [Double]
    let aHat: [Int]
    let k: Int
    let kHat: Int
    let a2: Int
    let a2Hat: Int
    let zSample: [Double]
    let zGreedy: [Double]
    let largeR: Double
    let rHat: Double
    let largeA: Double
    let logPiPerPatch: [Double]
    let logPi: Double
    let dlogpiDu: [Double]
    let dlogpiDsScaled: [Double]
    let policyGradientU: [Double]
    let lossSumOverPatches: Double
    let lossMeanOverPatches: Double
    let gradLossSumU: [Double]
    let gradLossMeanU: [Double]
    let crossEntropySample: Double
  }
  struct Tie: Decodable {
    let s: [Double]
    let strictGreater: [Int]
    let greaterOrEqualAuthorsCode: [Int]
  }
  struct BatchLoss: Decodable {
    let u: [[Double]]
    let a: [[Int]]
    let largeA: [Double]
    let alpha: Double
    let ptLossMeanOverBatchAndPatches: Double
    let ftLossSumOverPatchesMeanOverBatch: Double
    let ptGradU: [[Double]]
    let ftGradU: [[Double]]
  }
  struct Entropies: Decodable {
    let s: [Double]
    let bernoulliEntropy: [Double]
    let dEntropyDs: [Double]
    let blockdropOneSided: [Double]
  }
  struct LeaveOneOut: Decodable {
    let rewards: [Double]
    let baselines: [Double]
    let advantages: [Double]
  }
  struct Layer: Decodable {
    let largeW: [[Double]]
    let b: [Double]
  }
  struct LinearReward: Decodable {
    let lambdaPerPatch: Double
    let largeJ: Double
    let reward: [Double]
  }
  struct Problem: Decodable {
    let id: Int
    let variant: String
    let alpha: Double
    let sigma: Double
    let xH: [[Double]]
    let xL: [Double]
    let policy: Layer
    let hrClassifier: Layer
    let lrClassifier: Layer
    let y: Int
    let u: [Double]
    let s: [Double]
    let sScaled: [Double]
    let masks: [[Int]]
    let pi: [Double]
    let logits: [[Double]]
    let predicted: [Int]
    let correct: [Bool]
    let reward: [Double]
    let largeJ: Double
    let aHatIndex: UInt64
    let rHat: Double
    let advantage: [Double]
    let gradJU: [Double]
    let gradJPolicyW: [[Double]]
    let gradJPolicyB: [Double]
    let sExpected: Double
    let bestRewardMaskIndex: Int
    let entropySScaled: Double
    let gradEntropyU: [Double]
    let linearReward: LinearReward
    let estimatorTotalVariance: [String: Double]
  }
  struct Enumeration: Decodable { let problems: [Problem] }
  struct BreakEven: Decodable {
    let sigma: Double
    let ratioNeededQK1OverQK: [Double]
    let ratioNeededQ16OverQ0: Double
  }
  struct BreakEvens: Decodable { let rows: [BreakEven] }
  struct ECEBin: Decodable {
    let bin: Int
    let count: Int
    let meanConfidence: Double
    let accuracy: Double
  }
  struct ECE: Decodable {
    let bins: [ECEBin]
    let confidence: [Double]
    let correct: [Int]
    let ece: Double
  }
  struct Temperature: Decodable {
    let logits: [[Double]]
    let y: [Int]
    let nllT1: Double
    let tOpt: Double
    let nllTOpt: Double
    let eceT1: Double
    let eceTOpt: Double
  }
  struct Calibrations: Decodable {
    let ece15: ECE
    let temperature: Temperature
  }
  struct FixedOrders: Decodable {
    let fixedH: [Int]
    let fixedV: [Int]
  }

  let rewardTableP16: [Reward]
  let rewardCases: [RewardCase]
  let alphaScaling: AlphaScaling
  let alphaSchedules: Schedules
  let patchGrid: PatchGrids
  let maskingNormalised: Masking
  let downsampling: Downsampling
  let ft2Fusion: [FusionCase]
  let selfCritical: [SelfCritical]
  let thresholdTie: Tie
  let batchLoss: BatchLoss
  let entropy: Entropies
  let rloo: LeaveOneOut
  let enumerationP4: Enumeration
  let rewardBreakEvenP16: BreakEvens
  let calibration: Calibrations
  let fixedOrdersRowMajor: FixedOrders

  /// The worked examples, read once.
  static let shared = Result { try load() }

  private static func load() throws -> GoldenVectors {
    let url = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/golden/patchdrop.json")
    let decoder = JSONDecoder()
    // Single capitals are symbols, some beside the same small letter.
    decoder.keyDecodingStrategy = .custom { path in
      let words = (path.last?.stringValue ?? "").split(separator: "_").map(String.init)
      guard words.count > 1 || words.joined() != words.joined().uppercased() else {
        return Key("large" + words.joined())
      }
      let first = words[0].count == 1 ? words[0].lowercased() : words[0]
      let rest = words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }
      return Key(first + rest.joined())
    }
    return try decoder.decode(GoldenVectors.self, from: Data(contentsOf: url))
  }
}

private struct Key: CodingKey {
  let stringValue: String
  let intValue: Int? = nil

  init(_ text: String) { stringValue = text }
  init(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { nil }
}

/// Whether two numbers agree to a relative 1e-10, near zero to an absolute one.
func agree(_ left: Double, _ right: Double, tolerance: Double = 1e-10) -> Bool {
  abs(left - right) <= tolerance * max(1, abs(left), abs(right))
}

/// Whether two lists agree, number by number.
func agree(_ left: [Double], _ right: [Double], tolerance: Double = 1e-10) -> Bool {
  left.count == right.count
    && zip(left, right).allSatisfy { agree($0, $1, tolerance: tolerance) }
}
