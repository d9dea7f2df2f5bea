// SPDX-License-Identifier: Apache-2.0
internal import CKernels

/// A batch of images in the layout that convolutions run on.
///
/// Copies share memory until one of them is written to.
struct BlockedImages: Sendable {
  /// Where everything lies.
  let layout: BlockedLayout
  private var storage: AlignedFloats

  /// Makes a batch of any content.
  init(_ layout: BlockedLayout) {
    self.layout = layout
    storage = AlignedFloats(count: layout.shape.images * layout.imageFloats)
  }

  /// Makes a batch of any content in the usual number of lanes.
  init(shape: ImageShape) {
    self.init(BlockedLayout(shape))
  }

  /// The dimensions of the batch.
  var shape: ImageShape { layout.shape }

  /// Calls `body` with the first float.
  func withPointer<Result>(_ body: (UnsafePointer<Float>) -> Result) -> Result {
    withExtendedLifetime(storage) { body(storage.address) }
  }

  /// Calls `body` with the first float, to be changed in place.
  mutating func withMutablePointer<Result>(
    _ body: (UnsafeMutablePointer<Float>) -> Result
  ) -> Result {
    if !isKnownUniquelyReferenced(&storage) {
      let copy = AlignedFloats(count: storage.count)
      copy.address.update(from: storage.address, count: storage.count)
      storage = copy
    }
    return withExtendedLifetime(storage) { body(storage.address) }
  }

  /// Fills each group from the same group of `source`: `body` is given both layouts, where both
  /// start, and which group it is.
  mutating func fillGroups(
    from source: BlockedImages, threadCount: Int,
    _ body: (
      _ from: UnsafePointer<ck_images>, _ to: UnsafePointer<ck_images>,
      _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, _ group: Int
    ) -> Void
  ) {
    let layout = layout
    withMutablePointer { target in
      source.withPointer { start in
        Workers.forEach(pieces: layout.groupCount, threads: threadCount) { group in
          var (from, to) = (source.layout.group(group), layout.group(group))
          body(
            &from, &to, start + source.layout.offset(ofGroup: group),
            target + layout.offset(ofGroup: group), group)
        }
      }
    }
  }
}

extension BlockedImages {
  /// Lays out images `[batch, channels, rows, columns]`.
  init(_ tensor: borrowing Tensor, lanes: Int = Int(CK_LANES), threadCount: Int) {
    let layout = BlockedLayout(ImageShape(tensor), lanes: lanes)
    self.init(layout)
    withMutablePointer { target in
      tensor.withPointer { source in
        Workers.forEach(pieces: layout.groupCount, threads: threadCount) { group in
          var images = layout.group(group)
          ck_block_f32(
            &images, source + layout.images(ofGroup: group).lowerBound * layout.shape.imageCount,
            target + layout.offset(ofGroup: group))
        }
      }
    }
  }

  /// The images as `[batch, channels, rows, columns]`.
  func tensor(threadCount: Int) -> Tensor {
    Tensor(shape: shape.dimensions) { (target: UnsafeMutablePointer<Float>) in
      withPointer { source in
        Workers.forEach(pieces: layout.groupCount, threads: threadCount) { group in
          var images = layout.group(group)
          ck_unblock_f32(
            &images, source + layout.offset(ofGroup: group),
            target + layout.images(ofGroup: group).lowerBound * shape.imageCount)
        }
      }
    }
  }

  /// The first rows and columns of each image, as many as `smaller` has.
  consuming func cropped(to smaller: ImageShape, threadCount: Int) -> BlockedImages {
    guard smaller != shape else { return self }
    var target = BlockedImages(shape: smaller)
    target.fillGroups(from: self, threadCount: threadCount) { from, to, source, target, _ in
      ck_copy_corner_f32(from, to, source, target)
    }
    return target
  }

  /// The images in the first rows and columns of larger ones that are zero elsewhere.
  consuming func padded(to larger: ImageShape, threadCount: Int) -> BlockedImages {
    guard larger != shape else { return self }
    var target = BlockedImages(shape: larger)
    target.fillGroups(from: self, threadCount: threadCount) { from, to, source, target, _ in
      ck_copy_corner_f32(from, to, source, target)
    }
    return target
  }
}
