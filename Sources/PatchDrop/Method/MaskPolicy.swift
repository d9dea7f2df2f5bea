// SPDX-License-Identifier: Apache-2.0

public import Acquisition
import Foundation

/// The distribution over masks that a policy's logits stand for: one independent Bernoulli draw a
/// patch.
///
/// ```swift
/// let policy = MaskPolicy(logits: [1.2, -0.4, 0.6, -2])
/// policy.greedyMask.patches  // [0, 2]
/// ```
public struct MaskPolicy: Sendable {
  /// The logits u, `[P]`, row-major.
  public let logits: [Double]
  /// The scaling of the probabilities that masks are drawn with.
  public let exploration: Exploration
  /// The keep probabilities s = sigmoid(u), `[P]`, unscaled.
  public let keepProbabilities: [Double]
  /// The probabilities s' that masks are drawn with, `[P]`.
  public let drawProbabilities: [Double]

  /// Creates the distribution of logits; at most 64 of them.
  public init(logits: [Double], exploration: Exploration = .none) {
    precondition(logits.count <= 64, "a mask has at most 64 patches")
    self.logits = logits
    self.exploration = exploration
    keepProbabilities = logits.map(Self.sigmoid)
    drawProbabilities = keepProbabilities.map(exploration.scaled)
  }

  /// 1 / (1 + exp(-u)), without overflow.
  public static func sigmoid(_ logit: Double) -> Double {
    logit >= 0 ? 1 / (1 + exp(-logit)) : exp(logit) / (1 + exp(logit))
  }

  /// The patches whose keep probability is above the threshold, strictly.
  public static func mask<Number: BinaryFloatingPoint>(
    keepProbabilities: some Collection<Number>, threshold: Number = 0.5
  ) -> PatchMask {
    var bits: UInt64 = 0
    var patch: UInt64 = 1
    // Without branches: which patches are kept is what nobody can foresee.
    for probability in keepProbabilities {
      bits |= probability > threshold ? patch : 0
      patch &<<= 1
    }
    return PatchMask(bits: bits)
  }

  /// The same for many chips, `[chips, P]`, side by side.
  package static func masks(
    keepProbabilities: [Float], patchCount: Int, threshold: Float
  ) -> [PatchMask] {
    let count = keepProbabilities.count / patchCount
    return keepProbabilities.withUnsafeBytes { bytes in
      [PatchMask](unsafeUninitializedCapacity: count) { masks, initialised in
        for chip in 0..<count {
          masks.initializeElement(
            at: chip,
            to: mask(
              bytes, at: chip * patchCount, patchCount: patchCount, threshold: threshold))
        }
        initialised = count
      }
    }
  }

  /// The mask of the probabilities from a place on, 16 at a time.
  @inline(__always)
  private static func mask(
    _ bytes: UnsafeRawBufferPointer, at first: Int, patchCount: Int, threshold: Float
  ) -> PatchMask {
    let stride = MemoryLayout<Float>.stride
    var bits: UInt64 = 0
    var patch = 0
    while patch + 16 <= patchCount {
      let sixteen = bytes.loadUnaligned(
        fromByteOffset: (first + patch) * stride, as: SIMD16<Float>.self)
      let kept = sixteen .> threshold
      let sum = SIMD16<Int32>.zero.replacing(with: placeValues, where: kept).wrappedSum()
      bits |= UInt64(UInt32(truncatingIfNeeded: sum)) << UInt64(patch)
      patch += 16
    }
    while patch < patchCount {
      let probability = bytes.load(fromByteOffset: (first + patch) * stride, as: Float.self)
      bits |= probability > threshold ? 1 << UInt64(patch) : 0
      patch += 1
    }
    return PatchMask(bits: bits)
  }

  /// What a kept patch of 16 adds to the bits.
  private static var placeValues: SIMD16<Int32> {
    SIMD16(
      lowHalf: SIMD8(1, 2, 4, 8, 16, 32, 64, 128),
      highHalf: SIMD8(256, 512, 1024, 2048, 4096, 8192, 16384, 32768))
  }

  /// The mask of the test rule, s > 0.5; ties are not bought.
  public var greedyMask: PatchMask { Self.mask(keepProbabilities: keepProbabilities) }

  /// A mask drawn from the scaled probabilities.
  public func draw(using generator: inout some RandomNumberGenerator) -> PatchMask {
    var bits: UInt64 = 0
    for (patch, probability) in drawProbabilities.enumerated()
    where Double(generator.next() >> 11) * 0x1p-53 < probability {
      bits |= 1 << UInt64(patch)
    }
    return PatchMask(bits: bits)
  }

  /// The logarithm of each patch's part of the mask's probability, `[P]`.
  public func logLikelihoods(of mask: PatchMask) -> [Double] {
    drawProbabilities.enumerated().map { patch, probability in
      log(mask.contains(patch) ? probability : 1 - probability)
    }
  }

  /// The logarithm of the mask's probability.
  public func logLikelihood(of mask: PatchMask) -> Double {
    logLikelihoods(of: mask).reduce(0, +)
  }

  /// The derivative of the log-likelihood with respect to the logits, `[P]`:
  /// (a - s') / (s' (1 - s')) (2 alpha - 1) s (1 - s).
  public func logLikelihoodGradient(of mask: PatchMask) -> [Double] {
    drawProbabilities.indices.map { patch in
      let kept = keepProbabilities[patch]
      let drawn = drawProbabilities[patch]
      // Without scaling both factors cancel, also where s is 0 or 1 to the last bit.
      if exploration.alpha == 1 { return (mask.contains(patch) ? 1 : 0) - kept }
      return ((mask.contains(patch) ? 1 : 0) - drawn) / (drawn * (1 - drawn))
        * exploration.slope * kept * (1 - kept)
    }
  }

  /// The Bernoulli entropy of the draw, summed over the patches, in nats.
  public var entropy: Double { drawProbabilities.map(Self.entropy).reduce(0, +) }

  /// The derivative of ``entropy`` with respect to the logits, `[P]`.
  public var entropyGradient: [Double] {
    drawProbabilities.indices.map { patch in
      let kept = keepProbabilities[patch]
      return Self.entropySlope(drawProbabilities[patch]) * exploration.slope * kept * (1 - kept)
    }
  }

  /// The entropy of one draw, -s ln s - (1 - s) ln(1 - s).
  public static func entropy(_ probability: Double) -> Double {
    func term(_ share: Double) -> Double { share > 0 ? -share * log(share) : 0 }
    return term(probability) + term(1 - probability)
  }

  /// The derivative of ``entropy(_:)``; the probability is strictly between 0 and 1.
  public static func entropySlope(_ probability: Double) -> Double {
    log((1 - probability) / probability)
  }
}
