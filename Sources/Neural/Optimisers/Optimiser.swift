// SPDX-License-Identifier: Apache-2.0

/// A rule that moves a network's parameters against their gradients.
///
/// An optimiser belongs to one network: it keeps a history for each parameter, in the network's
/// order.
public protocol Optimiser: Sendable {
  /// The step's length; change it between steps to follow a schedule.
  var learningRate: Double { get set }

  /// Prepares the next step, which then moves each parameter once.
  mutating func beginStep()

  /// Moves one parameter; `slot` is its place in the network's order.
  mutating func update(_ parameter: inout Parameter, slot: Int)

  /// What the rule remembers between steps; with it and the network, training goes on as if it
  /// had never stopped.
  var memory: OptimiserMemory { get set }
}

extension Optimiser {
  /// Moves all parameters of a network once, by the gradients that backward has added up.
  public mutating func step(_ network: inout Network) {
    beginStep()
    var slot = 0
    network.visitParameters { _, parameter in
      update(&parameter, slot: slot)
      slot += 1
    }
  }
}

extension Array where Element == Tensor {
  /// The history of one parameter, zero at first.
  mutating func prepare(slot: Int, shape: [Int]) {
    while count <= slot { append(Tensor(shape: [0])) }
    if self[slot].shape != shape { self[slot] = Tensor(shape: shape) }
  }
}
