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

  /// A residual network of basic blocks (He and others 2016).
  ///
  /// It is a stem, stages, the mean over the image, and a linear layer; weights are named as
  /// torchvision names them.
  public struct Residual: Sendable, Equatable, Codable {
    /// The channels of an image.
    public var inputs: Int
    /// The first convolution.
    public var stem: Stem
    /// The stages, first to last.
    public var stages: [Stage]
    /// The numbers that the network answers with.
    public var outputs: Int

    /// Describes a residual network.
    public init(inputs: Int, stem: Stem, stages: [Stage], outputs: Int) {
      self.inputs = inputs
      self.stem = stem
      self.stages = stages
      self.outputs = outputs
    }
  }

  /// The first convolution of a residual network, its normalisation and pooling.
  public struct Stem: Sendable, Equatable, Codable {
    /// The kernel's side in pixels; odd.
    public var kernel: Int
    /// The convolution's stride in pixels.
    public var stride: Int
    /// Its output channels.
    public var width: Int
    /// Whether a 3x3 max pool of stride 2 follows.
    public var maxPool: Bool

    /// Describes a stem.
    public init(kernel: Int = 3, stride: Int = 1, width: Int, maxPool: Bool = false) {
      self.kernel = kernel
      self.stride = stride
      self.width = width
      self.maxPool = maxPool
    }

    private enum CodingKeys: String, CodingKey {
      case kernel
      case stride
      case width
      case maxPool = "max_pool"
    }
  }

  /// A run of blocks of one width.
  public struct Stage: Sendable, Equatable, Codable {
    /// The number of blocks.
    public var blocks: Int
    /// Their channels.
    public var width: Int
    /// The first block's stride in pixels.
    public var stride: Int

    /// Describes a stage.
    public init(blocks: Int, width: Int, stride: Int = 1) {
      self.blocks = blocks
      self.width = width
      self.stride = stride
    }
  }

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
    case .residual(let residual): residual.stages.last?.width ?? residual.stem.width
    case .perceptron(let perceptron): perceptron.hidden.last ?? perceptron.inputs
    }
  }

  /// Throws where nothing can be built from the numbers, or only something absurdly large.
  func validate() throws(NeuralError) {
    switch self {
    case .residual(let residual):
      try check(residual.inputs, "inputs", 1...4096)
      try check(residual.outputs, "outputs", 1...65_536)
      try check(residual.stem.kernel, "stem.kernel", 1...31)
      if residual.stem.kernel.isMultiple(of: 2) {
        throw .invalidDescription(reason: "stem.kernel is \(residual.stem.kernel), which is even")
      }
      try check(residual.stem.stride, "stem.stride", 1...8)
      try check(residual.stem.width, "stem.width", 1...4096)
      try check(residual.stages.count, "the number of stages", 0...16)
      for (index, stage) in residual.stages.enumerated() {
        try check(stage.blocks, "stages[\(index)].blocks", 1...256)
        try check(stage.width, "stages[\(index)].width", 1...4096)
        try check(stage.stride, "stages[\(index)].stride", 1...8)
      }
    case .perceptron(let perceptron):
      try check(perceptron.inputs, "inputs", 1...65_536)
      try check(perceptron.outputs, "outputs", 1...65_536)
      try check(perceptron.hidden.count, "the number of hidden layers", 0...64)
      for (index, width) in perceptron.hidden.enumerated() {
        try check(width, "hidden[\(index)]", 1...65_536)
      }
    }
  }

  private func check(
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
