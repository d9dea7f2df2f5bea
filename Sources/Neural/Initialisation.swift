// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// First weights, drawn in the network's order.
struct Initialisation<Generator: RandomNumberGenerator> {
  var generator: Generator
  /// Whether weights are drawn; zeros do where saved ones replace them at once.
  var isDrawn = true

  /// A convolution's kernel: normal, of variance 2 / (outputs x kernel area), so that a ReLU
  /// network neither fades nor explodes on the way back (He and others 2015, fan-out form).
  mutating func convolution(
    inputs: Int, outputs: Int, _ window: SlidingWindow
  ) -> Convolution2D {
    let area = window.kernel * window.kernel
    let shape = [outputs, inputs, window.kernel, window.kernel]
    guard isDrawn else { return Convolution2D(weight: Tensor(shape: shape), window: window) }
    let deviation = (2 / Double(outputs * area)).squareRoot()
    let values = (0..<outputs * inputs * area).map { _ in Float(deviation * normal()) }
    return Convolution2D(weight: Tensor(shape: shape, values: values), window: window)
  }

  /// A linear layer: uniform within 1 / sqrt(inputs), as PyTorch draws it, times `scale`.
  mutating func linear(inputs: Int, outputs: Int, scale: Double = 1) -> Linear {
    guard isDrawn else {
      return Linear(weight: Tensor(shape: [outputs, inputs]), bias: Tensor(shape: [outputs]))
    }
    let bound = scale / Double(inputs).squareRoot()
    let weight = (0..<outputs * inputs).map { _ in Float(bound * (2 * uniform() - 1)) }
    let bias = (0..<outputs).map { _ in Float(bound * (2 * uniform() - 1)) }
    return Linear(
      weight: Tensor(shape: [outputs, inputs], values: weight),
      bias: Tensor(shape: [outputs], values: bias))
  }

  /// Uniform in [0, 1), from a draw's upper 53 bits.
  private mutating func uniform() -> Double {
    Double(generator.next() >> 11) * 0x1p-53
  }

  /// Standard normal (Box and Muller 1958; of the pair, the cosine).
  private mutating func normal() -> Double {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * Double.pi * uniform())
  }
}

/// The layers of a described network.
struct NetworkLayers {
  /// All but the last layer.
  var trunk: Sequential
  /// The last layer, named `fc` after a residual network.
  var head: Sequential

  init<Generator: RandomNumberGenerator>(
    _ description: NetworkDescription, headScale: Double,
    initialisation: inout Initialisation<Generator>
  ) {
    switch description {
    case .residual(let residual):
      trunk = Self.trunk(residual, initialisation: &initialisation)
      head = Sequential([
        .init(
          "fc",
          initialisation.linear(
            inputs: description.features, outputs: description.outputs, scale: headScale))
      ])
    case .perceptron(let perceptron):
      var members: [Sequential.Member] = []
      var width = perceptron.inputs
      for next in perceptron.hidden {
        members.append(
          .init("\(members.count)", initialisation.linear(inputs: width, outputs: next)))
        members.append(.init("\(members.count)", ReLU()))
        width = next
      }
      trunk = Sequential(members)
      head = Sequential([
        .init(
          "\(members.count)",
          initialisation.linear(inputs: width, outputs: perceptron.outputs, scale: headScale))
      ])
    }
  }

  private static func trunk<Generator: RandomNumberGenerator>(
    _ residual: NetworkDescription.Residual, initialisation: inout Initialisation<Generator>
  ) -> Sequential {
    let stem = residual.stem
    var members: [Sequential.Member] = []
    var width = residual.inputs
    if stem.isLocal {
      members.append(
        .init(
          "conv1",
          initialisation.convolution(inputs: width, outputs: stem.width, .init(kernel: 1))))
      width = stem.width
    }
    members += [
      .init(
        "conv\(members.count + 1)",
        initialisation.convolution(
          inputs: width, outputs: stem.width,
          .init(kernel: stem.kernel, stride: stem.stride, padding: stem.isLocal ? 0 : nil))),
      .init("bn1", BatchNorm2D(channels: stem.width, isRectified: true)),
    ]
    if stem.maxPool {
      members.append(.init("maxpool", MaxPool2D(window: .init(kernel: 3, stride: 2))))
    }
    width = stem.width
    for (index, stage) in residual.stages.enumerated() {
      var blocks: [Sequential.Member] = []
      for block in 0..<stage.blocks {
        blocks.append(
          .init(
            "\(block)",
            residualBlock(
              block, of: stage, inputs: width, isPadded: residual.isPadded,
              initialisation: &initialisation)))
        width = stage.width
      }
      members.append(.init("layer\(index + 1)", Sequential(blocks)))
    }
    members.append(.init("avgpool", GlobalAveragePool()))
    return Sequential(members)
  }

  private static func residualBlock<Generator: RandomNumberGenerator>(
    _ block: Int, of stage: NetworkDescription.Stage, inputs: Int, isPadded: Bool,
    initialisation: inout Initialisation<Generator>
  ) -> ResidualBlock {
    let stride = block == 0 ? stage.stride : 1
    let kernel = block < stage.wideBlocks ?? stage.blocks ? 3 : 1
    let padding = isPadded ? kernel / 2 : 0
    let outputs = stage.width
    var convolutions: [Convolution2D] = []
    func add(from: Int, to: Int, kernel: Int, stride: Int) {
      convolutions.append(
        initialisation.convolution(
          inputs: from, outputs: to,
          .init(kernel: kernel, stride: stride, padding: kernel == 1 ? 0 : padding)))
    }
    switch stage.kind {
    case .basic:
      add(from: inputs, to: outputs, kernel: kernel, stride: stride)
      add(from: outputs, to: outputs, kernel: kernel, stride: 1)
    case .bottleneck:
      add(from: inputs, to: outputs / 4, kernel: 1, stride: 1)
      add(from: outputs / 4, to: outputs / 4, kernel: kernel, stride: stride)
      add(from: outputs / 4, to: outputs, kernel: 1, stride: 1)
    }
    guard stride != 1 || inputs != outputs else { return ResidualBlock(convolutions) }
    let shortcut = initialisation.convolution(
      inputs: inputs, outputs: outputs, .init(kernel: 1, stride: stride))
    return ResidualBlock(convolutions, shortcut: shortcut)
  }
}
