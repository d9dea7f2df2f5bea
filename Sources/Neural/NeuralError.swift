// SPDX-License-Identifier: Apache-2.0

/// What can go wrong with networks and tensors that come from files.
public enum NeuralError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The bytes are no safetensors file, or break its rules.
  case invalidSafeTensors(reason: String)
  /// A file could not be read or written.
  case fileAccess(path: String, reason: String)
  /// A tensor that the network needs is not in the state.
  case missingTensor(name: String, expectedShape: [Int])
  /// The state holds a tensor that the network has no place for.
  case unexpectedTensor(name: String)
  /// A tensor has another shape than the network's.
  case wrongShape(name: String, expected: [Int], found: [Int])
  /// A tensor holds another kind of number than was asked for.
  case wrongElementType(name: String, expected: String, found: String)
  /// A network's description describes nothing that can be built.
  case invalidDescription(reason: String)
  /// What an optimiser remembered does not go with the optimiser or its network.
  case invalidOptimiserState(reason: String)

  /// What failed, and what to do about it.
  public var description: String {
    switch self {
    case .invalidSafeTensors(let reason):
      "not a valid safetensors file: \(reason). "
        + "Take a fresh copy of the file, or write it again with the program that made it."
    case .fileAccess(let path, let reason):
      "could not use \(path): \(reason). Check the path and its permissions."
    case .missingTensor(let name, let shape):
      "the tensor \(name) of shape \(shape) is missing. "
        + "Use weights that were saved for this network, or the description stored with them."
    case .unexpectedTensor(let name):
      "the tensor \(name) has no place in this network. "
        + "Use weights that were saved for this network, or the description stored with them."
    case .wrongShape(let name, let expected, let found):
      "the tensor \(name) has shape \(found), but the network needs \(expected). "
        + "Use weights that were saved for this network, or the description stored with them."
    case .wrongElementType(let name, let expected, let found):
      "the tensor \(name) holds \(found), but \(expected) is needed. "
        + "Convert the tensor to \(expected) before it is saved."
    case .invalidDescription(let reason):
      "the network description cannot be built: \(reason). Correct it where it is stored."
    case .invalidOptimiserState(let reason):
      "the optimiser's state cannot be taken up: \(reason). "
        + "Use the state that was kept with this network and this kind of optimiser, "
        + "or start the training anew."
    }
  }
}
