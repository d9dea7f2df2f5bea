// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Raster

/// A single look at a chip: what the policy would buy, and what would be answered with nothing,
/// with that, and with everything bought.
///
/// ```swift
/// let glance = bundle.glance(at: chip)
/// print(glance.mask.count, bundle.card.classes[glance.bought.classIndex])
/// ```
public struct Glance: Sendable {
  /// The keep probability of each patch, `[P]`.
  public let keepProbabilities: [Float]
  /// What the policy buys.
  public let mask: PatchMask
  /// The answer from the LR pixels alone.
  public let nothing: Agent.Answer
  /// The answer with what is bought.
  public let bought: Agent.Answer
  /// The stand-alone HR classifier's answer, which has seen the whole chip.
  public let everything: Agent.Answer
  /// The LR pixels that were looked at.
  public let low: Window<UInt8>
}

extension ModelBundle {
  /// Why an image is no chip of the model: what it has and what it should have; nil where it is.
  public func misfit(of image: Window<UInt8>) -> (found: String, expected: String)? {
    func words(_ width: Int, _ height: Int, _ bands: Int) -> String {
      "\(width) x \(height) pixels of \(bands) band\(bands == 1 ? "" : "s")"
    }
    let design = card.design
    guard
      image.width != design.chipPixels || image.height != design.chipPixels
        || image.bandCount != design.bands.count
    else { return nil }
    return (
      words(image.width, image.height, image.bandCount),
      words(design.chipPixels, design.chipPixels, design.bands.count)
    )
  }

  /// Looks at one chip, whose LR pixels are made from its own.
  ///
  /// - Parameters:
  ///   - chip: an image without ``misfit(of:)``.
  ///   - variant: one of ``variants``; the default one where nil.
  ///   - threshold: a patch is bought where its keep probability is above; the variant's where nil.
  public func glance(
    at chip: Window<UInt8>, variant: AgentVariant? = nil, threshold: Float? = nil
  ) -> Glance {
    precondition(misfit(of: chip) == nil, "the image is a chip of the model")
    let agent = agent(variant)
    let low = card.lrSource.low(of: chip, zoom: card.design.zoom)
    let look = agent.looks([low.samples.map { Float($0) }])[0]
    let mask = MaskPolicy.mask(
      keepProbabilities: look.keepProbabilities, threshold: threshold ?? agent.threshold)
    let answers = agent.answers(
      [PatchMask.none, mask].map {
        Agent.Question(samples: chip.samples[...], mask: $0, lowLogits: look.lowLogits)
      })
    return Glance(
      keepProbabilities: look.keepProbabilities, mask: mask, nothing: answers[0],
      bought: answers[1], everything: wholeChipAgent().answers([chip.samples[...]])[0], low: low)
  }
}
