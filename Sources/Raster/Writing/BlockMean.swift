// SPDX-License-Identifier: Apache-2.0

extension Window where Sample == UInt8 {
  /// The low-resolution counterpart: the mean of each block of `zoom` by `zoom` pixels, in
  /// integers, rounded half up.
  ///
  /// Training, evaluation, synthesised scenes and patchworks all use this rule. A pixel of the
  /// result is valid where all of its block is.
  ///
  /// - Parameter zoom: pixels along one pixel of the result; divides height and width.
  public func blockMean(zoom: Int) -> Window<UInt8> {
    let blockPixels = zoom * zoom
    return blocks(zoom: zoom) { block in
      var sum = 0
      for sample in block { sum += Int(sample) }
      return UInt8((sum + blockPixels / 2) / blockPixels)
    }
  }
}

extension Window where Sample == Float {
  /// The low-resolution counterpart: the mean of each block of `zoom` by `zoom` pixels.
  ///
  /// A pixel of the result is valid where all of its block is.
  ///
  /// - Parameter zoom: pixels along one pixel of the result; divides height and width.
  public func blockMean(zoom: Int) -> Window<Float> {
    let blockPixels = Double(zoom * zoom)
    return blocks(zoom: zoom) { block in
      var sum = 0.0
      for sample in block { sum += Double(sample) }
      return Float(sum / blockPixels)
    }
  }
}

extension Window {
  /// Gathers each block's samples, row by row, and keeps what `mean` makes of them.
  private func blocks(zoom: Int, _ mean: ([Sample]) -> Sample) -> Window {
    precondition(zoom > 0 && height % zoom == 0 && width % zoom == 0, "blocks are whole")
    let (rows, columns) = (height / zoom, width / zoom)
    var result = [Sample](repeating: .zero, count: bandCount * rows * columns)
    var validity = [Bool](repeating: true, count: rows * columns)
    for row in 0..<height {
      for column in 0..<width where !self.validity[row * width + column] {
        validity[row / zoom * columns + column / zoom] = false
      }
    }
    var block = [Sample](repeating: .zero, count: zoom * zoom)
    for band in 0..<bandCount {
      for row in 0..<rows {
        for column in 0..<columns where validity[row * columns + column] {
          for line in 0..<zoom {
            let start = (band * height + row * zoom + line) * width + column * zoom
            for offset in 0..<zoom { block[line * zoom + offset] = samples[start + offset] }
          }
          result[(band * rows + row) * columns + column] = mean(block)
        }
      }
    }
    return Window(
      bandCount: bandCount, height: rows, width: columns, samples: result, validity: validity)
  }
}
