// SPDX-License-Identifier: Apache-2.0

public import Neural

/// The policy: LR pixels in, one logit a patch out.
///
/// A plain policy is one network, as in the paper. An informed one reads what the LR classifier
/// makes of the chip, its class probabilities and the margin between the best two, which say
/// whether HR pixels are needed, and the LR pixels themselves, which say where.
public struct PolicyNetwork: Sendable {
  /// From LR pixels to logits; of an informed policy from probabilities, margin and pixels.
  public var network: Network

  /// Creates a policy: an informed one where the network is a perceptron.
  public init(_ network: Network) { self.network = network }

  private var isInformed: Bool {
    if case .perceptron = network.description { true } else { false }
  }

  /// How many numbers an informed policy reads.
  static func inputCount(classes: Int, samples: Int) -> Int { classes + 1 + samples }

  /// The threads of one pass; results do not depend on it.
  public var threadCount: Int {
    get { network.threadCount }
    set { network.threadCount = newValue }
  }

  /// The logits of a batch of LR images, `[batch, P]`.
  ///
  /// - Parameters:
  ///   - images: `[batch, channels, rows, columns]`.
  ///   - lowLogits: the LR classifier's logits, `[batch, N]`; a plain policy does not look at them.
  public func evaluate(_ images: Tensor, lowLogits: Tensor) -> Tensor {
    network.evaluate(isInformed ? Self.input(images: images, lowLogits: lowLogits) : images)
  }

  /// The same, keeping what a backward pass through ``network`` needs.
  mutating func forward(_ images: Tensor, lowLogits: Tensor) -> Tensor {
    isInformed
      ? network.forward(Self.input(images: images, lowLogits: lowLogits), mode: .train)
      : network.forward(images, mode: .train)
  }

  /// Multiplies all logits: every patch keeps its side of one half, and is surer of it.
  mutating func sharpen(by factor: Float) throws(NeuralError) {
    let last =
      switch network.description {
      case .residual: "fc"
      case .perceptron(let perceptron): "\(2 * perceptron.hidden.count)"
      }
    var state = network.state()
    for name in ["\(last).weight", "\(last).bias"] {
      guard let tensor = state[name] else {
        throw .missingTensor(name: name, expectedShape: [])
      }
      state[name] = Tensor(shape: tensor.shape, values: tensor.values.map { factor * $0 })
    }
    try network.load(state: state)
  }

  /// What the LR classifier's probabilities and margin are multiplied by.
  ///
  /// There are few of them among hundreds of pixels, and they say more: they are made large and
  /// the pixels small, so that whether to buy is learned before where, and before any image is
  /// learned by heart.
  private static let doubtScale: Float = 4

  /// What pixels are multiplied by: all of them together are as large as the probabilities.
  private static func pixelScale(sampleCount: Int) -> Float {
    2 / Float(max(sampleCount, 1)).squareRoot()
  }

  private static func input(images: Tensor, lowLogits: Tensor) -> Tensor {
    let batch = images.shape[0]
    let probabilities = lowLogits.softmax()
    let classCount = probabilities.shape[1]
    let sampleCount = images.count / max(batch, 1)
    let width = inputCount(classes: classCount, samples: sampleCount)
    let pixelScale = pixelScale(sampleCount: sampleCount)
    return Tensor(shape: [batch, width]) { target in
      probabilities.withUnsafeBufferPointer { probabilities in
        images.withUnsafeBufferPointer { images in
          for row in 0..<batch {
            var place = row * width
            var (best, second): (Float, Float) = (0, 0)
            for value in probabilities[row * classCount..<(row + 1) * classCount] {
              target[place] = doubtScale * value
              place += 1
              if value > best {
                (best, second) = (value, best)
              } else {
                second = max(second, value)
              }
            }
            target[place] = doubtScale * (best - second)
            place += 1
            for value in images[row * sampleCount..<(row + 1) * sampleCount] {
              target[place] = pixelScale * value
              place += 1
            }
          }
        }
      }
    }
  }
}
