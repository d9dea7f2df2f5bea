// SPDX-License-Identifier: Apache-2.0

extension NetworkDescription {
  /// A residual network (He and others 2016), or with `isPadded` false and blocks that look at
  /// single pixels a BagNet (Brendel and Bethge 2019).
  ///
  /// It is a stem, stages, the mean over the image, and a linear layer; weights are named as
  /// torchvision names them.
  public struct Residual: Sendable, Equatable {
    /// The channels of an image.
    public var inputs: Int
    /// The first convolution.
    public var stem: Stem
    /// The stages, first to last.
    public var stages: [Stage]
    /// Whether 3x3 convolutions of the stages keep the image's size; without padding, images get
    /// smaller, and what is led past a block is cropped.
    public var isPadded: Bool
    /// The numbers that the network answers with.
    public var outputs: Int

    /// Describes a residual network.
    public init(inputs: Int, stem: Stem, stages: [Stage], isPadded: Bool = true, outputs: Int) {
      self.inputs = inputs
      self.stem = stem
      self.stages = stages
      self.isPadded = isPadded
      self.outputs = outputs
    }

    /// The numbers before the last linear layer.
    var features: Int { stages.last?.width ?? stem.width }
  }

  /// The first convolution of a residual network, its normalisation and pooling.
  public struct Stem: Sendable, Equatable {
    /// The kernel's side in pixels; odd.
    public var kernel: Int
    /// The convolution's stride in pixels.
    public var stride: Int
    /// Its output channels.
    public var width: Int
    /// Whether a 3x3 max pool of stride 2 follows.
    public var maxPool: Bool
    /// Whether it is a BagNet's: a convolution of single pixels comes first, and the other has no
    /// padding.
    public var isLocal: Bool

    /// Describes a stem.
    public init(
      kernel: Int = 3, stride: Int = 1, width: Int, maxPool: Bool = false, isLocal: Bool = false
    ) {
      self.kernel = kernel
      self.stride = stride
      self.width = width
      self.maxPool = maxPool
      self.isLocal = isLocal
    }
  }

  /// What a block of a residual network is made of.
  public enum BlockKind: String, Sendable, Codable {
    /// Two 3x3 convolutions.
    case basic
    /// 1x1, 3x3 and 1x1 convolutions, the first two of a quarter of the width.
    case bottleneck
  }

  /// A run of blocks of one width.
  public struct Stage: Sendable, Equatable {
    /// The number of blocks.
    public var blocks: Int
    /// Their output channels.
    public var width: Int
    /// The first block's stride in pixels.
    public var stride: Int
    /// What they are made of.
    public var kind: BlockKind
    /// How many of the blocks, from the first on, have 3x3 convolutions; nil for all.
    ///
    /// The others look at single pixels.
    public var wideBlocks: Int?

    /// Describes a stage.
    public init(
      blocks: Int, width: Int, stride: Int = 1, kind: BlockKind = .basic, wideBlocks: Int? = nil
    ) {
      self.blocks = blocks
      self.width = width
      self.stride = stride
      self.kind = kind
      self.wideBlocks = wideBlocks
    }
  }
}

// MARK: Families

extension NetworkDescription.Residual {
  /// He and others' networks for small images, of 6n + 2 layers: 8, 14, 20, 32 and so on.
  public static func small(
    layers: Int, inputs: Int = 3, width: Int = 16, outputs: Int
  ) -> NetworkDescription.Residual {
    let blocks = (layers - 2) / 6
    return .init(
      inputs: inputs, stem: .init(width: width),
      stages: (0..<3).map { .init(blocks: blocks, width: width << $0, stride: $0 == 0 ? 1 : 2) },
      outputs: outputs)
  }

  /// He and others' networks for large images: four stages behind a 7x7 stem, as ResNet-10
  /// (1, 1, 1, 1), 18 (2, 2, 2, 2) and 34 (3, 4, 6, 3), and of bottlenecks ResNet-50 (3, 4, 6, 3).
  public static func large(
    blocks: [Int], kind: NetworkDescription.BlockKind = .basic, inputs: Int = 3, width: Int = 64,
    outputs: Int
  ) -> NetworkDescription.Residual {
    let first = kind == .basic ? width : 4 * width
    return .init(
      inputs: inputs, stem: .init(kernel: 7, stride: 2, width: width, maxPool: true),
      stages: blocks.enumerated().map { index, blocks in
        .init(blocks: blocks, width: first << index, stride: index == 0 ? 1 : 2, kind: kind)
      }, outputs: outputs)
  }

  /// BagNets, whose features each see a square of 9, 17 or 33 pixels: in as many stages (2, 3, 4)
  /// the first block has a 3x3 convolution.
  public static func bag(
    wideStages: Int, blocks: [Int] = [3, 4, 6, 3], inputs: Int = 3, width: Int = 64, outputs: Int
  ) -> NetworkDescription.Residual {
    .init(
      inputs: inputs, stem: .init(kernel: 3, width: width, isLocal: true),
      stages: blocks.enumerated().map { index, blocks in
        .init(
          blocks: blocks, width: 4 * width << index, stride: index < 3 ? 2 : 1, kind: .bottleneck,
          wideBlocks: index < wideStages ? 1 : 0)
      }, isPadded: false, outputs: outputs)
  }
}

// MARK: Limits

extension NetworkDescription.Residual {
  /// Throws where nothing can be built from the numbers, or only something absurdly large.
  func validate() throws(NeuralError) {
    try NetworkDescription.check(inputs, "inputs", 1...4096)
    try NetworkDescription.check(outputs, "outputs", 1...65_536)
    try NetworkDescription.check(stem.kernel, "stem.kernel", 1...31)
    if stem.kernel.isMultiple(of: 2) {
      throw .invalidDescription(reason: "stem.kernel is \(stem.kernel), which is even")
    }
    try NetworkDescription.check(stem.stride, "stem.stride", 1...8)
    try NetworkDescription.check(stem.width, "stem.width", 1...4096)
    try NetworkDescription.check(stages.count, "the number of stages", 0...16)
    for (index, stage) in stages.enumerated() {
      try NetworkDescription.check(stage.blocks, "stages[\(index)].blocks", 1...256)
      try NetworkDescription.check(stage.width, "stages[\(index)].width", 1...4096)
      try NetworkDescription.check(stage.stride, "stages[\(index)].stride", 1...8)
      if let wide = stage.wideBlocks {
        try NetworkDescription.check(wide, "stages[\(index)].wide_blocks", 0...stage.blocks)
      }
      if stage.kind == .bottleneck && !stage.width.isMultiple(of: 4) {
        throw .invalidDescription(
          reason: "stages[\(index)].width is \(stage.width), no multiple of 4 for its bottlenecks")
      }
    }
    try NetworkDescription.check(weights: mostWeights)
  }

  /// No fewer than the weights: as if all blocks were basic ones with a shortcut.
  private var mostWeights: Int {
    var count = stem.width * stem.width + stem.kernel * stem.kernel * inputs * stem.width
    var width = stem.width
    for stage in stages {
      for _ in 0..<stage.blocks {
        count += stage.width * (10 * width + 9 * stage.width)
        width = stage.width
      }
    }
    return count + width * outputs
  }
}

// MARK: JSON

/// What is as usual is left out.
extension NetworkDescription.Residual: Codable {
  private enum CodingKeys: String, CodingKey {
    case inputs
    case stem
    case stages
    case isPadded = "padded"
    case outputs
  }

  /// Reads a description.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    inputs = try container.decode(Int.self, forKey: .inputs)
    stem = try container.decode(NetworkDescription.Stem.self, forKey: .stem)
    stages = try container.decode([NetworkDescription.Stage].self, forKey: .stages)
    isPadded = try container.decodeIfPresent(Bool.self, forKey: .isPadded) ?? true
    outputs = try container.decode(Int.self, forKey: .outputs)
  }

  /// Writes the description.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(inputs, forKey: .inputs)
    try container.encode(stem, forKey: .stem)
    try container.encode(stages, forKey: .stages)
    if !isPadded { try container.encode(isPadded, forKey: .isPadded) }
    try container.encode(outputs, forKey: .outputs)
  }
}

extension NetworkDescription.Stem: Codable {
  private enum CodingKeys: String, CodingKey {
    case kernel
    case stride
    case width
    case maxPool = "max_pool"
    case isLocal = "local"
  }

  /// Reads a stem.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    kernel = try container.decode(Int.self, forKey: .kernel)
    stride = try container.decode(Int.self, forKey: .stride)
    width = try container.decode(Int.self, forKey: .width)
    maxPool = try container.decode(Bool.self, forKey: .maxPool)
    isLocal = try container.decodeIfPresent(Bool.self, forKey: .isLocal) ?? false
  }

  /// Writes the stem.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(kernel, forKey: .kernel)
    try container.encode(stride, forKey: .stride)
    try container.encode(width, forKey: .width)
    try container.encode(maxPool, forKey: .maxPool)
    if isLocal { try container.encode(isLocal, forKey: .isLocal) }
  }
}

extension NetworkDescription.Stage: Codable {
  private enum CodingKeys: String, CodingKey {
    case blocks
    case width
    case stride
    case kind = "block"
    case wideBlocks = "wide_blocks"
  }

  /// Reads a stage.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    blocks = try container.decode(Int.self, forKey: .blocks)
    width = try container.decode(Int.self, forKey: .width)
    stride = try container.decode(Int.self, forKey: .stride)
    kind = try container.decodeIfPresent(NetworkDescription.BlockKind.self, forKey: .kind) ?? .basic
    wideBlocks = try container.decodeIfPresent(Int.self, forKey: .wideBlocks)
  }

  /// Writes the stage.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(blocks, forKey: .blocks)
    try container.encode(width, forKey: .width)
    try container.encode(stride, forKey: .stride)
    if kind != .basic { try container.encode(kind, forKey: .kind) }
    try container.encodeIfPresent(wideBlocks, forKey: .wideBlocks)
  }
}
