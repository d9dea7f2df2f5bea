// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Neural
import Platform

/// One measurement of ours, in this process; the other commands start it.
struct MeasureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "measure", abstract: "Measure one pass of one network, or the ceiling.",
    shouldDisplay: false)

  @Option(transform: BenchmarkNetwork.init(argument:))
  var net: BenchmarkNetwork?
  @Option var pass = Pass.inference
  @Option var threads = 1
  @Option var seconds = 3.0

  func run() throws {
    let encoder = JSONEncoder()
    let line =
      if let net {
        try encoder.encode(measure(net))
      } else {
        try encoder.encode(Ceiling(gigaflops: Machine.sgemmGigaflops(seconds: seconds)))
      }
    print(String(decoding: line, as: UTF8.self))
  }

  private func measure(_ net: BenchmarkNetwork) throws -> Measurement {
    var generator = SeededGenerator(seed: 7)
    var network = try Network(
      .residual(net.description), threadCount: threads, using: &generator)
    let shape = [net.batchSize, net.description.inputs, net.side, net.side]
    let images = Tensor(
      shape: shape,
      values: (0..<shape.reduce(1, *)).map { _ in 4 * generator.uniform() - 2 })
    let rate =
      switch pass {
      case .inference:
        ContinuousClock().medianRate(of: Double(net.batchSize), seconds: seconds) {
          _ = network.evaluate(images)
        }
      case .training: trainingRate(&network, images, using: &generator)
      }
    return Measurement(
      imagesPerSecond: rate.wall, imagesPerProcessorSecond: rate.processor,
      peakMiB: Machine.peakMiB, version: "fovea")
  }

  /// Steps as the peers' script takes them.
  private func trainingRate(
    _ network: inout Network, _ images: Tensor, using generator: inout SeededGenerator
  ) -> (wall: Double, processor: Double) {
    let outputs = network.description.outputs
    let labels = (0..<images.shape[0]).map { _ in Int.random(in: 0..<outputs, using: &generator) }
    var optimiser = SGD(learningRate: 0.01, momentum: 0.9, weightDecay: 5e-4)
    return ContinuousClock().medianRate(of: Double(labels.count), seconds: seconds) {
      network.zeroGradients()
      let logits = network.forward(images, mode: .train)
      network.backward(SoftmaxCrossEntropy().evaluate(logits, labels: labels).gradient)
      optimiser.step(&network)
    }
  }
}

extension Pass: ExpressibleByArgument {}
