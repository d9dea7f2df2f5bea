// SPDX-License-Identifier: Apache-2.0
internal import CKernels

/// What an output position of a convolution or a pooling layer reads: a square of pixels.
package struct SlidingWindow: Sendable, Equatable {
  /// The square's side in pixels.
  package var kernel: Int
  /// The distance between windows in pixels.
  package var stride: Int
  /// How many pixels beyond the image's edge windows begin.
  package var padding: Int

  /// Makes a window; by default one is centred on every pixel.
  package init(kernel: Int, stride: Int = 1, padding: Int? = nil) {
    precondition(kernel > 0 && stride > 0, "A window needs a positive side and stride.")
    self.kernel = kernel
    self.stride = stride
    self.padding = padding ?? kernel / 2
    precondition(self.padding >= 0, "A window's padding is not negative.")
  }

  /// How many windows there are along an axis.
  func outputLength(of length: Int) -> Int {
    precondition(
      length + 2 * padding >= kernel,
      "A window of \(kernel) with padding \(padding) does not fit \(length) pixels.")
    return (length + 2 * padding - kernel) / stride + 1
  }

  /// The window as the kernels see it.
  var layout: ck_window { ck_window(kernel: kernel, stride: stride, padding: padding) }
}
