// SPDX-License-Identifier: Apache-2.0

/// Collects what layers do at inference, and joins what can be done in one pass: a normalisation
/// is folded into the convolution before it, and bias, residual and ReLU are applied to sums while
/// they are in registers.
package struct PlanBuilder {
  /// What one image becomes between two steps.
  enum Shape: Sendable, Equatable {
    case images(channels: Int, height: Int, width: Int)
    case rows(Int)
  }

  /// Something that a step makes, or the input.
  struct Value: Sendable, Equatable {
    let index: Int
    let shape: Shape
  }

  /// A step and what it reads and makes.
  struct Step: Sendable {
    var operation: Operation
    let source: Value
    var residual: Value?
    var isRectified = false
    let target: Value
  }

  /// What a step does to its source before residual and ReLU.
  enum Operation: Sendable {
    case convolve(weight: Tensor, bias: [Float], window: SlidingWindow)
    case scale([Float], shift: [Float])
    case pool(PoolKind, window: SlidingWindow)
    case averageGlobally
    case crop
  }

  /// What becomes of a pooling window.
  enum PoolKind: Sendable, Equatable {
    case largest
    case mean(countsPadding: Bool)
  }

  /// What the input is.
  let input: Value
  /// What the last layer made; a layer that branches sets it back.
  var value: Value
  private(set) var steps: [Step] = []

  /// Begins a plan for inputs of one shape.
  init(input shape: Shape) {
    input = Value(index: 0, shape: shape)
    value = input
  }

  // MARK: Layers

  mutating func convolve(weight: Tensor, bias: Tensor?, window: SlidingWindow) {
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    let (channels, height, width) = imageShape
    precondition(
      channels == inputs, "The convolution takes \(inputs) channels, not \(channels).")
    append(
      .convolve(
        weight: weight, bias: bias?.values ?? [Float](repeating: 0, count: outputs),
        window: window),
      .images(
        channels: outputs, height: window.outputLength(of: height),
        width: window.outputLength(of: width)))
  }

  /// Scales and shifts each channel.
  mutating func scale(by scale: [Float], shift: [Float]) {
    if let last = open, steps[last].residual == nil,
      case .convolve(var weight, var bias, let window) = steps[last].operation
    {
      let stride = weight.count / scale.count
      weight.withUnsafeMutableBufferPointer { weight in
        for place in weight.indices { weight[place] *= scale[place / stride] }
      }
      for channel in bias.indices {
        bias[channel] = bias[channel] * scale[channel] + shift[channel]
      }
      steps[last].operation = .convolve(weight: weight, bias: bias, window: window)
    } else {
      let (channels, _, _) = imageShape
      precondition(
        channels == scale.count,
        "The normalisation takes \(scale.count) channels, not \(channels).")
      append(.scale(scale, shift: shift), value.shape)
    }
  }

  /// Keeps the first rows and columns.
  mutating func crop(height: Int, width: Int) {
    let shape = imageShape
    guard (shape.height, shape.width) != (height, width) else { return }
    append(.crop, .images(channels: shape.channels, height: height, width: width))
  }

  /// Adds another value of the same shape to the last.
  mutating func add(_ residual: Value) {
    guard let last = open, steps[last].residual == nil, residual.shape == value.shape else {
      preconditionFailure("\(residual.shape) cannot be added to \(value.shape) here.")
    }
    steps[last].residual = residual
  }

  mutating func rectify() {
    if open == nil {
      let channels = value.shape.pixels.channels
      append(
        .scale(
          [Float](repeating: 1, count: channels), shift: [Float](repeating: 0, count: channels)),
        value.shape)
    }
    if let last = open { steps[last].isRectified = true }
  }

  mutating func pool(_ kind: PoolKind, window: SlidingWindow) {
    let (channels, height, width) = imageShape
    append(
      .pool(kind, window: window),
      .images(
        channels: channels, height: window.outputLength(of: height),
        width: window.outputLength(of: width)))
  }

  mutating func averageGlobally() {
    append(.averageGlobally, .rows(imageShape.channels))
  }

  /// Multiplies rows by a matrix `[outputs, inputs]`.
  mutating func multiply(by weight: Tensor, bias: Tensor?) {
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    guard case .rows(inputs) = value.shape else {
      preconditionFailure("The linear layer takes \(inputs) numbers, not \(value.shape).")
    }
    append(
      .convolve(
        weight: weight.reshaped([outputs, inputs, 1, 1]),
        bias: bias?.values ?? [Float](repeating: 0, count: outputs),
        window: SlidingWindow(kernel: 1)), .rows(outputs))
  }

  // MARK: Steps

  /// The lanes of the input: few where only convolutions read it.
  var inputLanes: Int {
    guard case .images(let channels, _, _) = input.shape, value != input else {
      return BlockedLayout.mostLanes
    }
    let isOnlyConvolved = steps.allSatisfy { step in
      guard step.source == input || step.residual == input else { return true }
      guard case .convolve = step.operation else { return false }
      return step.residual != input
    }
    return isOnlyConvolved ? BlockedLayout.fewestLanes(channels: channels) : BlockedLayout.mostLanes
  }

  var imageShape: (channels: Int, height: Int, width: Int) {
    guard case .images(let channels, let height, let width) = value.shape else {
      preconditionFailure("The layer takes images, not \(value.shape).")
    }
    return (channels, height, width)
  }

  private mutating func append(_ operation: Operation, _ shape: Shape) {
    let target = Value(index: steps.count + 1, shape: shape)
    steps.append(Step(operation: operation, source: value, target: target))
    value = target
  }

  /// The step that made the value, where more can still be joined to it.
  private var open: Int? {
    guard value.index > 0, !steps[value.index - 1].isRectified else { return nil }
    let isUsed = steps.contains { $0.source == value || $0.residual == value }
    switch steps[value.index - 1].operation {
    case .convolve, .scale: return isUsed ? nil : value.index - 1
    case .pool, .averageGlobally, .crop: return nil
    }
  }
}
