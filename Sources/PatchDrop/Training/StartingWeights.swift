// SPDX-License-Identifier: Apache-2.0

import Foundation
import Neural
import Platform

/// Weights of another training that a network starts from, where they fit.
struct StartingWeights {
  let digest: String
  private let name: String
  private let file: SafeTensors

  /// Reads a safetensors file, such as another training's `hr.safetensors`.
  init(contentsOf url: URL) throws {
    let data = try Data(contentsOf: url)
    file = try SafeTensors(data)
    digest = Digest.sha256(data)
    name = url.lastPathComponent
  }

  /// Gives a network the tensors that have its names and shapes; the others stay random.
  ///
  /// - Throws: `ModelError.unlikeModel` where none has.
  func load(into network: inout Network, prefix: String, log: TrainingLog) throws {
    var state = network.state()
    let given = try file.tensors(prefix: prefix)
    let fitting = state.keys.filter { given[$0]?.shape == state[$0]?.shape }.sorted()
    guard !fitting.isEmpty else {
      throw ModelError.unlikeModel(
        what: "network in \(name)", expected: "tensors such as \(prefix)fc.weight of its shapes",
        found: "another one")
    }
    for name in fitting { state[name] = given[name] }
    try network.load(state: state)
    log.say("\(prefix.dropLast()): \(fitting.count) of \(state.count) tensors from \(name)")
  }
}
