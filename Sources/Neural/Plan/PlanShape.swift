// SPDX-License-Identifier: Apache-2.0
internal import CKernels

extension PlanBuilder.Shape {
  /// The shape of one image or row of a batch.
  init(ofBatch dimensions: [Int]) {
    switch dimensions.count {
    case 4: self = .images(channels: dimensions[1], height: dimensions[2], width: dimensions[3])
    case 2: self = .rows(dimensions[1])
    default:
      preconditionFailure(
        "A network takes [batch, channels, rows, columns] or [batch, numbers], not \(dimensions).")
    }
  }

  /// The shape without the batch, as a tensor has it.
  var dimensions: [Int] {
    switch self {
    case .images(let channels, let height, let width): [channels, height, width]
    case .rows(let count): [count]
    }
  }

  /// The floats of one image in a tensor.
  var count: Int { dimensions.reduce(1, *) }

  /// The floats of one image as steps have it; rows fill whole vectors, so that what follows them
  /// in memory is aligned.
  var blockedFloats: Int {
    let lanes = Int(CK_LANES)
    switch self {
    case .images(let channels, let height, let width):
      return PackedWeights.Packing.blocks(channels) * lanes * height * width
    case .rows(let count):
      return (count + lanes - 1) / lanes * lanes
    }
  }

  /// The layout of some images.
  func layout(images: Int, lanes: Int = Int(CK_LANES)) -> ck_images {
    guard case .images(let channels, let height, let width) = self else {
      preconditionFailure("The step takes images, not \(self).")
    }
    return ck_images(
      channels: channels, height: height, width: width, images: images, lanes: lanes)
  }

  /// Lays a plan's input out for its first step.
  func lay(
    _ images: Int, lanes: Int, _ source: UnsafePointer<Float>,
    out target: UnsafeMutablePointer<Float>
  ) {
    switch self {
    case .images:
      var layout = layout(images: images, lanes: lanes)
      ck_block_f32(&layout, source, target)
    case .rows(let count):
      target.update(from: source, count: images * count)
    }
  }

  /// Collects what a plan's last step made.
  func collect(
    _ images: Int, _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>
  ) {
    switch self {
    case .images:
      var layout = layout(images: images)
      ck_unblock_f32(&layout, source, target)
    case .rows(let count):
      target.update(from: source, count: images * count)
    }
  }
}
