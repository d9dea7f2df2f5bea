// SPDX-License-Identifier: Apache-2.0

/// Layers one after the other, each with the name that its weights are saved under.
package struct Sequential: Layer {
  /// A layer and its name.
  package struct Member: Sendable {
    /// The first part of the weights' names, as in `conv1` of `conv1.weight`.
    package var name: String
    /// The layer.
    package var layer: any Layer

    /// Names a layer.
    package init(_ name: String, _ layer: any Layer) {
      self.name = name
      self.layer = layer
    }
  }

  /// The layers, first to last.
  package var members: [Member]

  /// Makes a chain of layers.
  package init(_ members: [Member]) {
    self.members = members
  }

  package func plan(_ plan: inout PlanBuilder) {
    for member in members { member.layer.plan(&plan) }
  }

  package mutating func forward(
    _ input: consuming Activations, options: PassOptions
  ) -> Activations {
    var value = input
    for index in members.indices {
      value = members[index].layer.forward(consume value, options: options)
    }
    return value
  }

  package mutating func backward(
    _ outputGradient: consuming Activations, needsInputGradient: Bool, threadCount: Int
  ) -> Activations? {
    var gradient: Activations? = outputGradient
    for index in members.indices.reversed() {
      let isNeeded = needsInputGradient || index > 0
      gradient = members[index].layer.backward(
        kept(gradient.take()), needsInputGradient: isNeeded, threadCount: threadCount)
    }
    return gradient
  }

  package mutating func visitParameters(
    prefix: String, _ body: (_ name: String, _ parameter: inout Parameter) -> Void
  ) {
    for index in members.indices {
      members[index].layer.visitParameters(prefix: prefix + members[index].name + ".", body)
    }
  }

  package mutating func visitBuffers(
    prefix: String, _ body: (_ name: String, _ buffer: inout Tensor) -> Void
  ) {
    for index in members.indices {
      members[index].layer.visitBuffers(prefix: prefix + members[index].name + ".", body)
    }
  }
}
