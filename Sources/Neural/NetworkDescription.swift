// SPDX-License-Identifier: Apache-2.0

/// A network as data: stored as JSON with the weights, and built from there.
///
/// ```swift
/// let description = NetworkDescription.residual(
///   .init(inputs: 3, stem: .init(kernel: 3, stride: 2, width: 16),
///         stages: [.init(blocks: 2, width: 16), .init(blocks: 2, width: 32, stride: 2)],
///         outputs: 10))
/// ```
public enum NetworkDescription: Sendable, Equatable {
  /// A residual network over images.
  case residual(Residual)
  /// A perceptron over rows of numbers.
  case perceptron(Perceptron)

  /// Linear layers with a ReLU between each two.
  public struct Perceptron: Sendable, Equatable, Codable {
    /// The numbers of a row.
    public var inputs: Int
    /// The widths of the hidden layers, first to last; none makes a single linear layer.
    public var hidden: [Int]
    /// The numbers that the network answers with.
    public var outputs: Int

    /// Describes a perceptron.
    public init(inputs: Int, hidden: [Int], outputs: Int) {
      self.inputs = inputs
      self.hidden = hidden
      self.outputs = outputs
    }
  }

  /// The channels of an image, or the numbers of a row.
  public var inputs: Int {
    switch self {
    case .residual(let residual): residual.inputs
    case .perceptron(let perceptron): perceptron.inputs
    }
  }

  /// The numbers that the network answers with.
  public var outputs: Int {
    switch self {
    case .residual(let residual): residual.outputs
    case .perceptron(let perceptron): perceptron.outputs
    }
  }

  /// The numbers before the last linear layer.
  public var features: Int {
    switch self {
    case .residual(let residual): residual.features
    case .perceptron(let perceptron): perceptron.hidden.last ?? perceptron.inputs
    }
  }

  /// Throws where nothing can be built from the numbers, or only something absurdly large.
  func validate() throws(NeuralError) {
    switch self {
    case .residual(let residual):
      try residual.validate()
    case .perceptron(let perceptron):
      try Self.check(perceptron.inputs, "inputs", 1...65_536)
      try Self.check(perceptron.outputs, "outputs", 1...65_536)
      try Self.check(perceptron.hidden.count, "the number of hidden layers", 0...64)
      for (index, width) in perceptron.hidden.enumerated() {
        try Self.check(width, "hidden[\(index)]", 1...65_536)
      }
      let widths = [perceptron.inputs] + perceptron.hidden + [perceptron.outputs]
      try Self.check(weights: zip(widths, widths.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 })
    }
  }

  /// Throws where so many weights would fill the memory.
  static func check(weights: Int) throws(NeuralError) {
    guard weights > 1 << 30 else { return }
    throw .invalidDescription(reason: "it has up to \(weights) weights, more than \(1 << 30)")
  }

  /// Throws where a number is out of bounds.
  static func check(
    _ value: Int, _ name: String, _ allowed: ClosedRange<Int>
  ) throws(NeuralError) {
    guard allowed.contains(value) else {
      throw .invalidDescription(
        reason: "\(name) is \(value), not from \(allowed.lowerBound) to \(allowed.upperBound)")
    }
  }
}

/// As JSON, the description's own keys and `kind`.
extension NetworkDescription: Codable {
  private enum Kind: String, Codable {
    case residual
    case perceptron
  }

  private enum CodingKeys: CodingKey {
    case kind
  }

  /// Reads a description.
  public init(from decoder: any Decoder) throws {
    switch try decoder.container(keyedBy: CodingKeys.self).decode(Kind.self, forKey: .kind) {
    case .residual: self = .residual(try Residual(from: decoder))
    case .perceptron: self = .perceptron(try Perceptron(from: decoder))
    }
  }

  /// Writes the description.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .residual(let residual):
      try container.encode(Kind.residual, forKey: .kind)
      try residual.encode(to: encoder)
    case .perceptron(let perceptron):
      try container.encode(Kind.perceptron, forKey: .kind)
      try perceptron.encode(to: encoder)
    }
  }
}
