// SPDX-License-Identifier: Apache-2.0

/// How a forward pass treats batch statistics, and whether backward may follow.
public enum PassMode: Sendable, Equatable, CaseIterable {
  /// Normalises by the batch, updates the running statistics, keeps what backward needs.
  case train
  /// Normalises by the batch and leaves the running statistics alone; backward may follow.
  case trainWithoutStatistics
  /// Normalises by the running statistics and leaves them alone; backward may follow.
  case trainFrozen
  /// Normalises by the running statistics; keeps nothing, so backward cannot follow.
  case evaluate
}

/// A weight that training changes, with the gradient of the loss with respect to it.
public struct Parameter: Sendable, Equatable {
  /// The weight.
  public var value: Tensor
  /// The gradient, of the value's shape; backward adds to it.
  public var gradient: Tensor

  /// Makes a parameter with a gradient of zero.
  public init(_ value: Tensor) {
    self.value = value
    gradient = Tensor(shape: value.shape)
  }
}

/// What both passes are told about the machine.
package struct PassOptions: Sendable {
  /// How batch statistics are treated; never `.evaluate`, which is the inference plan's.
  package var mode: PassMode
  /// How many threads work on one pass, the caller's among them; results do not depend on it.
  package var threadCount: Int

  /// Makes options for a pass.
  package init(mode: PassMode, threadCount: Int) {
    self.mode = mode
    self.threadCount = threadCount
  }
}

/// One operation of a network, with its weights and, between a training forward pass and its
/// backward pass, what the latter needs.
package protocol Layer: Sendable {
  /// The output for a batch, keeping what `backward` needs.
  mutating func forward(_ input: consuming Activations, options: PassOptions) -> Activations

  /// Adds to the parameters' gradients, given the gradient with respect to the output of the last
  /// `forward`, and lets go of what that kept.
  ///
  /// Returns the gradient with respect to the input, or nil where it was not asked for.
  mutating func backward(
    _ outputGradient: consuming Activations, needsInputGradient: Bool, threadCount: Int
  ) -> Activations?

  /// Adds what the layer does at inference to a plan.
  func plan(_ plan: inout PlanBuilder)

  /// Calls `body` with each parameter and its name, always in the same order.
  mutating func visitParameters(
    prefix: String, _ body: (_ name: String, _ parameter: inout Parameter) -> Void)

  /// Calls `body` with each tensor that belongs to the saved state but is no parameter.
  mutating func visitBuffers(
    prefix: String, _ body: (_ name: String, _ buffer: inout Tensor) -> Void)
}

extension Layer {
  /// Most layers have no parameters.
  package mutating func visitParameters(
    prefix: String, _ body: (_ name: String, _ parameter: inout Parameter) -> Void
  ) {}

  /// Most layers have no other state.
  package mutating func visitBuffers(
    prefix: String, _ body: (_ name: String, _ buffer: inout Tensor) -> Void
  ) {}
}

/// The dimensions of a batch of images.
package struct ImageShape: Sendable, Equatable {
  let images: Int
  let channels: Int
  let height: Int
  let width: Int

  init(images: Int, channels: Int, height: Int, width: Int) {
    self.images = images
    self.channels = channels
    self.height = height
    self.width = width
  }

  init(_ tensor: borrowing Tensor) {
    precondition(
      tensor.shape.count == 4,
      "Images are [batch, channels, rows, columns], not \(tensor.shape).")
    self.init(
      images: tensor.shape[0], channels: tensor.shape[1], height: tensor.shape[2],
      width: tensor.shape[3])
  }

  /// The shape as a tensor has it.
  var dimensions: [Int] { [images, channels, height, width] }
  /// The number of elements of one channel of one image.
  var planeCount: Int { height * width }
  /// The number of elements of one image.
  var imageCount: Int { channels * planeCount }

  /// The shape with one pixel left of each image.
  var shrunkToPixel: ImageShape {
    ImageShape(images: images, channels: channels, height: 1, width: 1)
  }

  /// The shape of what a window of another layer makes of the images.
  func slid(by window: SlidingWindow, channels: Int) -> ImageShape {
    ImageShape(
      images: images, channels: channels, height: window.outputLength(of: height),
      width: window.outputLength(of: width))
  }
}

/// What a forward pass kept, or a stop: backward without forward is a programmer's mistake.
func kept<Value>(_ value: consuming Value?) -> Value {
  guard let value else {
    preconditionFailure("backward needs a forward pass in a training mode before it.")
  }
  return value
}
