// SPDX-License-Identifier: Apache-2.0

/// The mean of each window.
package struct AveragePool2D: Layer {
  /// What an output position reads.
  package let window: Convolution2D.Window
  /// Whether padding counts as zeros; else a window at the edge is divided by what it has inside.
  package let countsPadding: Bool
  private var inputShape: [Int]?

  /// Makes the layer; it has no weights.
  package init(window: Convolution2D.Window, countsPadding: Bool = true) {
    self.window = window
    self.countsPadding = countsPadding
  }

  package func evaluate(_ input: consuming Tensor, threadCount: Int) -> Tensor {
    let shape = ImageShape(input)
    let sizes = PoolWindow(window, on: shape)
    return Tensor(
      shape: [shape.images, shape.channels, sizes.outputHeight, sizes.outputWidth]
    ) { (output: UnsafeMutablePointer<Float>) in
      input.withPointer { input in
        forEachWindow(planes: shape.images * shape.channels, sizes) { place, taps, divisor in
          var sum: Float = 0
          taps.forEach(width: sizes.width) { sum += input[$0] }
          output[place] = sum / divisor
        }
      }
    }
  }

  package mutating func forward(_ input: consuming Tensor, options: PassOptions) -> Tensor {
    inputShape = input.shape
    return evaluate(input, threadCount: options.threadCount)
  }

  package mutating func backward(
    _ outputGradient: consuming Tensor, needsInputGradient: Bool, threadCount: Int
  ) -> Tensor? {
    let inputShape = kept(self.inputShape.take())
    guard needsInputGradient else { return nil }
    var inputGradient = Tensor(shape: inputShape)
    let shape = ImageShape(inputGradient)
    let sizes = PoolWindow(window, on: shape)
    inputGradient.withMutablePointer { target in
      outputGradient.withPointer { gradient in
        forEachWindow(planes: shape.images * shape.channels, sizes) { place, taps, divisor in
          let share = gradient[place] / divisor
          taps.forEach(width: sizes.width) { target[$0] += share }
        }
      }
    }
    return inputGradient
  }

  /// The part of a window that lies inside the image.
  private struct Taps {
    let planeOffset: Int
    let rows: Range<Int>
    let columns: Range<Int>

    @inline(__always)
    func forEach(width: Int, _ body: (_ place: Int) -> Void) {
      for row in rows {
        for column in columns { body(planeOffset + row * width + column) }
      }
    }
  }

  @inline(__always)
  private func forEachWindow(
    planes: Int, _ sizes: PoolWindow, _ body: (_ place: Int, _ taps: Taps, _ divisor: Float) -> Void
  ) {
    var place = 0
    for plane in 0..<planes {
      for outputRow in 0..<sizes.outputHeight {
        let rows = sizes.rows(outputRow)
        for outputColumn in 0..<sizes.outputWidth {
          let columns = sizes.columns(outputColumn)
          let divisor = countsPadding ? sizes.kernel * sizes.kernel : rows.count * columns.count
          let taps = Taps(planeOffset: plane * sizes.inputPlane, rows: rows, columns: columns)
          body(place, taps, Float(divisor))
          place += 1
        }
      }
    }
  }
}
