// SPDX-License-Identifier: Apache-2.0

/// What an optimiser remembers between steps.
public struct OptimiserMemory: Sendable, Equatable {
  /// How many steps were taken.
  public var stepCount: Int
  /// Each kind of history, with one tensor for each parameter in the network's order; empty before
  /// the first step.
  public var histories: [String: [Tensor]]

  /// Makes a memory.
  public init(stepCount: Int, histories: [String: [Tensor]]) {
    self.stepCount = stepCount
    self.histories = histories
  }
}

/// What an optimiser remembers of one network, to be kept in a file.
public struct OptimiserState: Sendable, Equatable {
  /// How many steps were taken.
  public var stepCount: Int
  /// The histories by kind and parameter, such as `velocity.conv1.weight`; each has its
  /// parameter's shape.
  public var tensors: [String: Tensor]

  /// Makes a state.
  public init(stepCount: Int, tensors: [String: Tensor]) {
    self.stepCount = stepCount
    self.tensors = tensors
  }
}

extension Optimiser {
  /// What the rule remembers of `network`, the one that it moves.
  public func state(of network: Network) -> OptimiserState {
    let memory = memory
    var tensors: [String: Tensor] = [:]
    for (slot, item) in network.parameters.enumerated() {
      for (kind, history) in memory.histories where slot < history.count {
        tensors["\(kind).\(item.name)"] = history[slot]
      }
    }
    return OptimiserState(stepCount: memory.stepCount, tensors: tensors)
  }

  /// Takes up a training of `network` where `state` was kept; on an error nothing is changed.
  ///
  /// Rates and other settings are not part of the state: make the optimiser as it was made before.
  ///
  /// - Throws: `NeuralError` where the state is of another kind of optimiser or another network.
  public mutating func load(
    _ state: OptimiserState, of network: Network
  ) throws(NeuralError) {
    guard state.stepCount >= 0 else {
      throw .invalidOptimiserState(reason: "it counts \(state.stepCount) steps")
    }
    var histories = memory.histories.mapValues { _ in [Tensor]() }
    var names: Set<String> = []
    for (name, parameter) in state.stepCount > 0 ? network.parameters : [] {
      for kind in histories.keys.sorted() {
        let full = "\(kind).\(name)"
        guard let tensor = state.tensors[full] else {
          throw .invalidOptimiserState(reason: "\(full) is missing")
        }
        guard tensor.shape == parameter.value.shape else {
          throw .invalidOptimiserState(
            reason: "\(full) has shape \(tensor.shape), its parameter \(parameter.value.shape)")
        }
        names.insert(full)
        histories[kind, default: []].append(tensor)
      }
    }
    if let name = state.tensors.keys.filter({ !names.contains($0) }).min() {
      throw .invalidOptimiserState(reason: "nothing is known of \(name)")
    }
    memory = OptimiserMemory(stepCount: state.stepCount, histories: histories)
  }
}
