// SPDX-License-Identifier: Apache-2.0

import Foundation
import Neural
import Platform

/// All that the steps of a stage change: networks with their optimisers, each under a name.
struct StageState: Equatable {
  /// The networks' states, each tensor after its network's name and a point.
  var weights: [String: Tensor] = [:]
  /// What the optimiser of each network remembers.
  var memories: [String: OptimiserState] = [:]

  /// Keeps a network with its optimiser.
  mutating func keep(_ network: Network, _ optimiser: some Optimiser, as name: String) {
    weights.merge(network.state().named(name + ".")) { $1 }
    memories[name] = optimiser.state(of: network)
  }

  /// Adds another state, whose names come after this one and a point.
  mutating func merge(_ other: StageState, as name: String) {
    weights.merge(other.weights.named(name + ".")) { $1 }
    for (part, memory) in other.memories { memories[name + "." + part] = memory }
  }

  /// What ``merge(_:as:)`` added.
  func part(_ name: String) -> StageState {
    var found = StageState(weights: weights.part(name + "."))
    for (full, memory) in memories where full.hasPrefix(name + ".") {
      found.memories[String(full.dropFirst(name.count + 1))] = memory
    }
    return found
  }

  /// Gives a network and its optimiser back what they had.
  func restore(
    _ network: inout Network, _ optimiser: inout some Optimiser, from name: String
  ) throws(NeuralError) {
    guard let memory = memories[name] else {
      throw .invalidOptimiserState(reason: "that of \(name) is missing")
    }
    try network.load(state: weights.part(name + "."))
    try optimiser.load(memory, of: network)
  }
}

/// A stage between two of its epochs, as it is kept in a file.
struct StageProgress: Equatable {
  /// The epoch with the highest score so far.
  struct Best: Equatable {
    let score: Double
    let weights: [String: Tensor]
  }

  /// How many epochs are done.
  let epochs: Int
  let state: StageState
  let best: Best?

  init(epochs: Int, state: StageState, best: Best?) {
    self.epochs = epochs
    self.state = state
    self.best = best
  }

  /// What the file says besides tensors.
  private struct Counts: Codable {
    let epochs: Int
    let bestScore: Double?
    /// The steps of each optimiser.
    let steps: [String: Int]
  }

  /// Reads what `file` wrote.
  init(_ file: SafeTensors) throws {
    let counts = try JSON.decoder().decode(
      Counts.self, from: Data((file.metadata["progress"] ?? "").utf8))
    var state = StageState(weights: try file.tensors(prefix: "weights."))
    for (name, stepCount) in counts.steps {
      state.memories[name] = OptimiserState(
        stepCount: stepCount, tensors: try file.tensors(prefix: "memory.\(name)."))
    }
    self.init(
      epochs: counts.epochs, state: state,
      best: try counts.bestScore.map {
        Best(score: $0, weights: try file.tensors(prefix: "best."))
      })
  }

  /// The contents of a file.
  func file() throws -> SafeTensors {
    let counts = Counts(
      epochs: epochs, bestScore: best?.score, steps: state.memories.mapValues(\.stepCount))
    var file = SafeTensors(state.weights, prefix: "weights.")
    file.metadata["progress"] = String(
      decoding: try JSON.encoder().encode(counts), as: UTF8.self)
    for (name, memory) in state.memories { file.add(memory.tensors, prefix: "memory.\(name).") }
    if let best { file.add(best.weights, prefix: "best.") }
    return file
  }
}
