// SPDX-License-Identifier: Apache-2.0

public import Acquisition
import Neural

/// A trained agent at work: what to buy of a chip, and what it is.
///
/// Every answer is computed alone, image by image: it does not depend on what else is asked, so
/// the daemon's classes equal an evaluation's to the bit.
public struct Agent: Sendable {
  /// What the LR pixels say.
  public struct Look: Sendable, Equatable {
    /// The keep probability of each patch, `[P]`.
    public let keepProbabilities: [Float]
    /// The LR classifier's logits, `[N]`.
    public let lowLogits: [Float]
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
    low = ChipTensor(
      bandCount: design.bands.count, side: design.lowResolutionPixels, grid: design.patchGrid,
      normalisation: card.normalisation)
    high = ChipTensor(
      bandCount: design.bands.count, side: design.chipPixels, grid: design.patchGrid,
      normalisation: card.normalisation)
  }

  /// A patch is bought where its keep probability is above.
  public var threshold: Float { Float(settings.threshold) }

  /// The temperature of answers from a number of bought patches.
  public func temperature(boughtCount: Int) -> Double {
    // The card was checked to have one for every number.
    settings.temperature(boughtCount: boughtCount) ?? 1
  }

  /// The patches that are worth buying by the model's threshold.
  public func mask(_ look: Look) -> PatchMask {
    MaskPolicy.mask(keepProbabilities: look.keepProbabilities, threshold: threshold)
  }

  /// Looks at a chip's LR samples, `[bands, rows, columns]`, from 0 to 255.
  public func look(_ samples: [Float]) -> Look {
    let image = low.tensor(samples, normalisation: card.normalisation)
    return Look(
      keepProbabilities: policy.evaluate(image).row(0).map { Float(MaskPolicy.sigmoid($0)) },
      lowLogits: lrClassifier.evaluate(image).values)
  }

  /// The calibrated answer from what was bought.
  ///
  /// - Parameters:
  ///   - samples: the chip's HR samples, `[bands, rows, columns]`; patches outside of the mask are
  ///     not read. May be empty where the mask is.
  ///   - mask: what was bought.
  ///   - lowLogits: the LR classifier's logits, `[N]`.
  public func answer(
    _ samples: some Collection<UInt8>, mask: PatchMask, lowLogits: [Float]
  ) -> Answer {
    let patchCount = card.design.patchGrid.patchCount
    let low = lowLogits.map { Double($0) }
    guard !mask.isEmpty else { return answer(low, boughtCount: 0) }
    let logits = hrClassifier.evaluate(high.tensor(samples, mask: mask)).row(0)
    return answer(
      card.fusion.logits(
        high: logits, low: low, boughtCount: mask.count, patchCount: patchCount),
      boughtCount: mask.count)
  }

  private func answer(_ logits: [Double], boughtCount: Int) -> Answer {
    let probabilities = Calibration.softmax(
      logits, temperature: temperature(boughtCount: boughtCount))
    return Answer(
      probabilities: probabilities.map { Float($0) }, classIndex: Calibration.bestIndex(logits))
  }
}
