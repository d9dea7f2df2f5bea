// SPDX-License-Identifier: Apache-2.0

extension Tensor {
  /// Makes a batch whose images `fill` writes, every element of them, several images at once.
  package init(
    batch count: Int, of shape: [Int], threadCount: Int,
    fill: (_ image: Int, _ elements: UnsafeMutableBufferPointer<Float>) -> Void
  ) {
    let size = Tensor.count(of: shape)
    self.init(shape: [count] + shape) { (elements: UnsafeMutableBufferPointer<Float>) in
      Workers.forEach(pieces: count, threads: threadCount) { image in
        fill(
          image,
          UnsafeMutableBufferPointer(rebasing: elements[image * size..<(image + 1) * size]))
      }
    }
  }
}
