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

  /// The floats of one image as steps have it.
  var blockedFloats: Int {
    let (channels, height, width) = pixels
    return PackedWeights.Packing.blocks(channels) * Int(CK_LANES) * height * width
  }

  /// Channels, rows and columns; a row of numbers is an image of one pixel, and a linear layer a
  /// convolution of it.
  var pixels: (channels: Int, height: Int, width: Int) {
    switch self {
    case .images(let channels, let height, let width): (channels, height, width)
    case .rows(let count): (count, 1, 1)
    }
  }

  /// The layout of some images.
  func layout(images: Int, lanes: Int = Int(CK_LANES)) -> ck_images {
    let (channels, height, width) = pixels
    return ck_images(
      channels: channels, height: height, width: width, images: images, lanes: lanes)
  }
}
