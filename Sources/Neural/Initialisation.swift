// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// First weights, drawn in the network's order.
struct Initialisation<Generator: RandomNumberGenerator> {
  var generator: Generator

  /// A convolution's kernel: normal, of variance 2 / (outputs x kernel area), so that a ReLU
  /// network neither fades nor explodes on the way back (He and others 2015, fan-out form).
  mutating func convolution(
    inputs: Int, outputs: Int, _ window: SlidingWindow
  ) -> Convolution2D {
    let area = window.kernel * window.kernel
    let deviation = (2 / Double(outputs * area)).squareRoot()
    let values = (0..<outputs * inputs * area).map { _ in Float(deviation * normal()) }
    let shape = [outputs, inputs, window.kernel, window.kernel]
    return Convolution2D(weight: Tensor(shape: shape, values: values), window: window)
  }

  /// A linear layer: uniform within 1 / sqrt(inputs), as PyTorch draws it, times `scale`.
  mutating func linear(inputs: Int, outputs: Int, scale: Double = 1) -> Linear {
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
    var members: [Sequential.Member] = [
      .init(
        "conv1",
        initialisation.convolution(
          inputs: residual.inputs, outputs: stem.width,
          .init(kernel: stem.kernel, stride: stem.stride))),
      .init("bn1", BatchNorm2D(channels: stem.width, isRectified: true)),
    ]
    if stem.maxPool {
      members.append(.init("maxpool", MaxPool2D(window: .init(kernel: 3, stride: 2))))
    }
    var width = stem.width
    for (index, stage) in residual.stages.enumerated() {
      var blocks: [Sequential.Member] = []
      for block in 0..<stage.blocks {
        let stride = block == 0 ? stage.stride : 1
        blocks.append(
          .init(
            "\(block)",
            basicBlock(
              inputs: width, outputs: stage.width, stride: stride,
              initialisation: &initialisation)))
        width = stage.width
      }
      members.append(.init("layer\(index + 1)", Sequential(blocks)))
    }
    members.append(.init("avgpool", GlobalAveragePool()))
    return Sequential(members)
  }

  private static func basicBlock<Generator: RandomNumberGenerator>(
    inputs: Int, outputs: Int, stride: Int, initialisation: inout Initialisation<Generator>
  ) -> ResidualBlock {
    let first = initialisation.convolution(
      inputs: inputs, outputs: outputs, .init(kernel: 3, stride: stride))
    let second = initialisation.convolution(
      inputs: outputs, outputs: outputs, .init(kernel: 3))
    guard stride != 1 || inputs != outputs else { return ResidualBlock([first, second]) }
    let shortcut = initialisation.convolution(
      inputs: inputs, outputs: outputs, .init(kernel: 1, stride: stride))
    return ResidualBlock([first, second], shortcut: shortcut)
  }
}
