// SPDX-License-Identifier: Apache-2.0
internal import CKernels

/// How a batch of images lies in memory where convolutions run on it.
///
/// The batch is cut into groups of images. A group is `[blocks of channels][rows][columns][images]
/// [lanes]`: at each position the group's images stand side by side, and of each, sixteen channels
/// (`CKernels`).
struct BlockedLayout: Sendable, Equatable {
  /// The most images of a group: as many as a tile of pixels in the kernels, so that each column
  /// of an image fills one.
  static let mostImagesInGroup = 14

  let shape: ImageShape
  /// How many floats stand for one pixel of a block.
  let lanes: Int
  /// How many groups there are; a pure function of the batch, so that sums over groups are too.
  let groupCount: Int

  /// Groups of nearly equal size, and an even number of them where there is more than one image.
  init(_ shape: ImageShape, lanes: Int = Int(CK_LANES)) {
    self.shape = shape
    self.lanes = lanes
    let fewest = (shape.images + Self.mostImagesInGroup - 1) / Self.mostImagesInGroup
    groupCount = max(1, min(shape.images, (fewest + 1) / 2 * 2))
  }

  /// The usual number of lanes.
  static let mostLanes = Int(CK_LANES)

  /// The lanes that images of so many channels are given where few are allowed.
  static func fewestLanes(channels: Int) -> Int {
    Int(channels <= Int(CK_FEW_LANES) ? CK_FEW_LANES : CK_LANES)
  }

  /// The number of blocks of channels.
  var blockCount: Int { (shape.channels + lanes - 1) / lanes }

  /// The floats of one image.
  var imageFloats: Int { blockCount * lanes * shape.planeCount }

  /// The images of one group.
  func images(ofGroup group: Int) -> Range<Int> {
    Workers.share(group, of: groupCount, count: shape.images)
  }

  /// The first float of one group.
  func offset(ofGroup group: Int) -> Int {
    images(ofGroup: group).lowerBound * imageFloats
  }

  /// The vectors of one block of channels of one group.
  func vectorCount(ofGroup group: Int) -> Int {
    images(ofGroup: group).count * shape.planeCount
  }

  /// One group as the kernels see it.
  func group(_ group: Int) -> ck_images {
    shape.layout(images: images(ofGroup: group).count, lanes: lanes)
  }

  /// Calls `body` for each block of channels of each group: how many vectors it has, its first
  /// float, which block it is, and how many calls there are before it.
  func forEachBlock(
    threadCount: Int, _ body: (_ vectors: Int, _ offset: Int, _ block: Int, _ call: Int) -> Void
  ) {
    Workers.forEach(pieces: groupCount * blockCount, threads: threadCount) { call in
      let (group, block) = (call / blockCount, call % blockCount)
      let vectors = vectorCount(ofGroup: group)
      body(vectors, offset(ofGroup: group) + block * vectors * lanes, block, call)
    }
  }
}

extension ImageShape {
  /// So many of the images as the kernels see them.
  func layout(images: Int, lanes: Int = Int(CK_LANES)) -> ck_images {
    ck_images(channels: channels, height: height, width: width, images: images, lanes: lanes)
  }
}
