// SPDX-License-Identifier: Apache-2.0

public import Acquisition
import Neural

/// A trained agent at work: what to buy of a chip, and what it is.
///
/// Chips are asked about in batches, which the networks answer several times as fast as single
/// chips; but for rounding, what a chip is answered does not depend on the others of its batch.
public struct Agent: Sendable {
  /// What the LR pixels say.
  public struct Look: Sendable, Equatable {
    /// The keep probability of each patch, `[P]`.
    public let keepProbabilities: [Float]
    /// The LR classifier's logits, `[N]`.
    public let lowLogits: [Float]
  }

  /// What is asked of a chip.
  public struct Question: Sendable {
    /// The chip's HR samples, `[bands, rows, columns]`.
    ///
    /// Patches outside of the mask are not read; there may be no samples where the mask is empty.
    public let samples: ArraySlice<UInt8>
    /// What was bought.
    public let mask: PatchMask
    /// The LR classifier's logits, `[N]`.
    public let lowLogits: [Float]

    /// Creates a question.
    public init(samples: ArraySlice<UInt8>, mask: PatchMask, lowLogits: [Float]) {
      self.samples = samples
      self.mask = mask
      self.lowLogits = lowLogits
    }
  }

  /// What a chip is.
  public struct Answer: Sendable, Equatable {
    /// The calibrated class probabilities, `[N]`.
    public let probabilities: [Float]
    /// The most probable class; the lowest index wins a tie.
    public let classIndex: Int
  }

  /// What the model says of itself.
  public let card: ModelCard
  private let settings: ModelCard.Variant
  private let policy: PolicyNetwork
  private let hrClassifier: Network
  private let lrClassifier: Network
  private let low: ChipTensor
  private let high: ChipTensor
  private let threadCount: Int

  init(
    card: ModelCard, settings: ModelCard.Variant, policy: PolicyNetwork, hrClassifier: Network,
    lrClassifier: Network
  ) {
    let design = card.design
    self.card = card
    self.settings = settings
    self.policy = policy
    self.hrClassifier = hrClassifier
    self.lrClassifier = lrClassifier
    threadCount = hrClassifier.threadCount
    low = ChipTensor(
      bandCount: design.bands.count, side: design.lowResolutionPixels, grid: design.patchGrid,
      normalisation: card.normalisation)
    high = ChipTensor(
      bandCount: design.bands.count, side: design.chipPixels, grid: design.patchGrid,
      normalisation: card.normalisation)
  }

  /// A patch is bought where its keep probability is above.
  public var threshold: Float { Float(settings.threshold) }

  /// What patches are worth, as measured on `tune`.
  public var gains: GainCurves { settings.gain }

  /// The temperature of answers from a number of bought patches.
  public func temperature(boughtCount: Int) -> Double {
    // The card was checked to have one for every number.
    settings.temperature(boughtCount: boughtCount) ?? 1
  }

  /// The patches of each chip of a survey that are worth buying by the model's threshold.
  public func masks(_ survey: Survey) -> [PatchMask] {
    MaskPolicy.masks(
      keepProbabilities: survey.chips.keepProbabilities, patchCount: survey.chips.patchCount,
      threshold: threshold)
  }

  /// Looks at chips' LR samples, each `[bands, rows, columns]`, from 0 to 255.
  public func looks(_ samples: [[Float]]) -> [Look] {
    var times = StageTimes()
    return looks(samples, times: &times)
  }

  func looks(_ samples: [[Float]], times: inout StageTimes) -> [Look] {
    let images = times.measure(.readLow) {
      low.batch(samples, normalisation: card.normalisation, threadCount: threadCount)
    }
    let answers = times.measure(.classifyLow) { lrClassifier.evaluate(images) }
    let keep = times.measure(.policy) {
      policy.evaluate(images, lowLogits: answers).rows().map {
        $0.map { Float(MaskPolicy.sigmoid($0)) }
      }
    }
    let lowLogits = answers.rows().map { $0.map { Float($0) } }
    return zip(keep, lowLogits).map { Look(keepProbabilities: $0, lowLogits: $1) }
  }

  /// The calibrated answers from what was bought of chips.
  public func answers(_ questions: [Question]) -> [Answer] {
    var times = StageTimes()
    return answers(questions, times: &times)
  }

  func answers(_ questions: [Question], times: inout StageTimes) -> [Answer] {
    let bought = questions.indices.filter { !questions[$0].mask.isEmpty }
    let images = times.measure(.mask) {
      high.batch(
        bought.map { (questions[$0].samples, questions[$0].mask) }, threadCount: threadCount)
    }
    return times.measure(.classify) {
      var logits = questions.map { question in question.lowLogits.map { Double($0) } }
      let highLogits = bought.isEmpty ? nil : hrClassifier.evaluate(images)
      for (row, place) in bought.enumerated() {
        guard let high = highLogits?.row(row) else { break }
        logits[place] = settings.fusion.logits(
          high: high, low: logits[place], boughtCount: questions[place].mask.count,
          patchCount: card.design.patchGrid.patchCount)
      }
      return zip(logits, questions).map { answer($0, boughtCount: $1.mask.count) }
    }
  }

  private func answer(_ logits: [Double], boughtCount: Int) -> Answer {
    let probabilities = Calibration.softmax(
      logits, temperature: temperature(boughtCount: boughtCount))
    return Answer(
      probabilities: probabilities.map { Float($0) }, classIndex: Calibration.bestIndex(logits))
  }
}
