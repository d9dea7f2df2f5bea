// SPDX-License-Identifier: Apache-2.0

/// What flows from one layer to the next: images in the layout of convolutions, or any tensor.
package enum Activations: Sendable {
  /// Images in groups and blocks.
  case blocked(Blocked)
  /// Images `[batch, channels, rows, columns]`, rows `[batch, numbers]`, or what a layer says.
  case plain(Tensor)

  /// Images whose layout is the engine's own affair.
  package struct Blocked: Sendable {
    var images: BlockedImages
  }

  static func images(_ images: BlockedImages) -> Activations {
    .blocked(Blocked(images: images))
  }

  /// The activations as a tensor.
  package consuming func tensor(threadCount: Int) -> Tensor {
    switch consume self {
    case .blocked(let blocked): blocked.images.tensor(threadCount: threadCount)
    case .plain(let tensor): tensor
    }
  }

  /// The activations as blocked images; plain ones are `[batch, channels, rows, columns]` and
  /// laid out in `lanes` or the usual number.
  consuming func images(lanes: Int? = nil, threadCount: Int) -> BlockedImages {
    switch consume self {
    case .blocked(let blocked):
      return blocked.images
    case .plain(let tensor):
      guard let lanes else { return BlockedImages(tensor, threadCount: threadCount) }
      return BlockedImages(tensor, lanes: lanes, threadCount: threadCount)
    }
  }
}
