// SPDX-License-Identifier: Apache-2.0

public import Neural

/// The policy: LR pixels in, one logit a patch out.
///
/// A plain policy is one network, as in the paper. An informed one has a trunk of the LR
/// classifier's shape, which starts from its weights, so that the policy can see what that one is
/// unsure of; its head reads the trunk's features, its class probabilities, the margin between the
/// best two, and the LR pixels themselves, which say where things are.
public struct PolicyNetwork: Sendable {
  /// The features' network of an informed policy; its class probabilities are looked at but not
  /// trained.
  public var trunk: Network?
  /// From LR pixels to logits; of an informed policy from features, probabilities, margin and
  /// pixels.
  public var head: Network

  /// Creates a plain policy.
  public init(_ network: Network) {
    trunk = nil
    head = network
  }

  /// Creates an informed policy from its parts.
  public init(trunk: Network, head: Network) {
    precondition(trunk.description.outputs > 1, "a margin needs two classes")
    self.trunk = trunk
    self.head = head
  }

  /// How many numbers the head of an informed policy reads.
  static func headInputCount(features: Int, classes: Int, samples: Int) -> Int {
    features + classes + 1 + samples
  }

  /// The threads of one pass; results do not depend on it.
  public var threadCount: Int {
    get { head.threadCount }
    set {
      trunk?.threadCount = newValue
      head.threadCount = newValue
    }
  }

  /// The weights: of an informed policy under `trunk.` and `head.`.
  func state() -> [String: Tensor] {
    guard let trunk else { return head.state() }
    return trunk.state().named("trunk.").merging(head.state().named("head.")) { $1 }
  }

  /// The logits of a batch of LR images: `[batch, channels, rows, columns]` to `[batch, P]`.
  public func evaluate(_ images: Tensor) -> Tensor {
    guard let trunk else { return head.evaluate(images) }
    let (logits, features) = trunk.evaluateWithFeatures(images)
    return head.evaluate(Self.headInput(features: features, logits: logits, images: images))
  }

  /// The same, keeping what ``backward(_:)`` needs.
  ///
  /// A trunk's running statistics stay.
  mutating func forward(_ images: Tensor) -> Tensor {
    guard let (logits, features) = trunk?.forwardWithFeatures(images, mode: .trainFrozen) else {
      return head.forward(images, mode: .train)
    }
    return head.forward(
      Self.headInput(features: features, logits: logits, images: images), mode: .trainFrozen)
  }

  /// Adds to the gradients of head and trunk; the probabilities count as given.
  mutating func backward(_ logitsGradient: Tensor) {
    guard let trunkDescription = trunk?.description else {
      head.backward(logitsGradient)
      return
    }
    guard let gradient = head.backward(logitsGradient, needsInputGradient: true) else { return }
    let batch = gradient.shape[0]
    let width = gradient.shape[1]
    let featureCount = trunkDescription.features
    let features = Tensor(shape: [batch, featureCount]) { target in
      gradient.withUnsafeBufferPointer { source in
        for row in 0..<batch {
          for column in 0..<featureCount {
            target[row * featureCount + column] = source[row * width + column]
          }
        }
      }
    }
    trunk?.backward(Tensor(shape: [batch, trunkDescription.outputs]), featuresGradient: features)
  }

  private static func headInput(features: Tensor, logits: Tensor, images: Tensor) -> Tensor {
    let batch = features.shape[0]
    let probabilities = logits.softmax()
    let (featureCount, classCount) = (features.shape[1], logits.shape[1])
    let sampleCount = images.count / max(batch, 1)
    let width = headInputCount(
      features: featureCount, classes: classCount, samples: sampleCount)
    return Tensor(shape: [batch, width]) { target in
      features.withUnsafeBufferPointer { features in
        probabilities.withUnsafeBufferPointer { probabilities in
          images.withUnsafeBufferPointer { images in
            for row in 0..<batch {
              var place = row * width
              for value in features[row * featureCount..<(row + 1) * featureCount] {
                target[place] = value
                place += 1
              }
              var (best, second): (Float, Float) = (0, 0)
              for value in probabilities[row * classCount..<(row + 1) * classCount] {
                target[place] = value
                place += 1
                if value > best {
                  (best, second) = (value, best)
                } else {
                  second = max(second, value)
                }
              }
              target[place] = best - second
              place += 1
              for value in images[row * sampleCount..<(row + 1) * sampleCount] {
                target[place] = value
                place += 1
              }
            }
          }
        }
      }
    }
  }
}
