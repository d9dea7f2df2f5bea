// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Neural
import Platform

/// A network that is measured; the peers' script has the same under the same name.
struct BenchmarkNetwork {
  let name: String
  /// The side of an image in pixels.
  let side: Int
  /// Images in a batch.
  let batchSize: Int
  /// Whether training is measured too.
  let isTrained: Bool
  let description: NetworkDescription.Residual

  /// All that are measured, the four of training first.
  static let all = [
    BenchmarkNetwork(
      "resnet34@224", side: 224, batchSize: 8, .large(blocks: [3, 4, 6, 3], outputs: 62)),
    BenchmarkNetwork(
      "resnet10@56", side: 56, batchSize: 64, .large(blocks: [1, 1, 1, 1], outputs: 16)),
    BenchmarkNetwork("resnet32@32", side: 32, batchSize: 128, .small(layers: 32, outputs: 10)),
    BenchmarkNetwork("resnet8@8", side: 8, batchSize: 256, .small(layers: 8, outputs: 16)),
    BenchmarkNetwork(
      "policy8", side: 8, batchSize: 256, isTrained: false, .small(layers: 8, outputs: 16)),
    BenchmarkNetwork(
      "eurosat64", side: 64, batchSize: 64, isTrained: false, .small(layers: 20, outputs: 10)),
  ]

  private init(
    _ name: String, side: Int, batchSize: Int, isTrained: Bool = true,
    _ description: NetworkDescription.Residual
  ) {
    self.name = name
    self.side = side
    self.batchSize = batchSize
    self.isTrained = isTrained
    self.description = description
  }

  /// The network of a name.
  init(argument: String) throws {
    guard let found = Self.all.first(where: { $0.name == argument }) else {
      let names = Self.all.map(\.name).joined(separator: ", ")
      throw ValidationError("There is no network \"\(argument)\": give one of \(names).")
    }
    self = found
  }

  /// The passes that are measured.
  var passes: [Pass] { isTrained ? [.inference, .training] : [.inference] }

  /// The arithmetic of one image: convolutions and the last layer, counted directly, a
  /// multiply-add as two.
  ///
  /// Training has both products of backward too, but not the first convolution's gradient of the
  /// image.
  func gigaflopPerImage(_ pass: Pass) -> Double {
    let convolutions = convolutions
    let products = (convolutions + [lastLayer]).reduce(0, +)
    let multiplyAdds =
      switch pass {
      case .inference: products
      case .training: 3 * products - convolutions[0]
      }
    return 2 * Double(multiplyAdds) / 1e9
  }

  /// The multiply-adds of each convolution, first to last.
  private var convolutions: [Int] {
    var side = side
    var width = description.inputs
    var counts: [Int] = []
    func add(from: Int, to: Int, kernel: Int) {
      counts.append(from * to * kernel * kernel * side * side)
    }
    func shrink(_ stride: Int) { side = (side + stride - 1) / stride }
    let stem = description.stem
    shrink(stem.stride)
    add(from: width, to: stem.width, kernel: stem.kernel)
    width = stem.width
    if stem.maxPool { shrink(2) }
    for stage in description.stages {
      for block in 0..<stage.blocks {
        let stride = block == 0 ? stage.stride : 1
        shrink(stride)
        add(from: width, to: stage.width, kernel: 3)
        add(from: stage.width, to: stage.width, kernel: 3)
        if stride != 1 || width != stage.width { add(from: width, to: stage.width, kernel: 1) }
        width = stage.width
      }
    }
    return counts
  }

  private var lastLayer: Int {
    (description.stages.last?.width ?? description.stem.width) * description.outputs
  }
}
