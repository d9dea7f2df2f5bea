// SPDX-License-Identifier: Apache-2.0

import Neural

extension NeuralError {
  /// What is wrong with a bundle's file or a tensor of it; a sentence's body, for a message that
  /// has its own remedy.
  var bundleProblem: String {
    switch self {
    case .invalidSafeTensors(let reason): "it is not a valid safetensors file: \(reason)"
    case .unexpectedTensor(let name): "its tensor \(name) has no place in the network"
    case .wrongElementType(let name, _, let found): "its tensor \(name) holds \(found)"
    case .invalidDescription(let reason): "a network of it cannot be built: \(reason)"
    default: "\(self)"
    }
  }
}
