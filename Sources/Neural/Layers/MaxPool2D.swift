// SPDX-License-Identifier: Apache-2.0

/// The largest value in each window; padding never wins, and of equal values the first in row
/// order takes the gradient.
package struct MaxPool2D: Layer {
  /// What an output position reads.
  package let window: Convolution2D.Window
  private var memory: Memory?

  private struct Memory {
    let inputShape: [Int]
    /// For each output, where in its input plane the largest value was.
    let winners: [Int32]
  }

  /// Makes the layer; it has no weights.
  package init(window: Convolution2D.Window) {
    self.window = window
  }

  package func evaluate(_ input: consuming Tensor, threadCount: Int) -> Tensor {
    var winners: [Int32] = []
    return pooled(input, threadCount: threadCount, winners: &winners)
  }

  package mutating func forward(_ input: consuming Tensor, options: PassOptions) -> Tensor {
    let sizes = PoolWindow(window, on: ImageShape(input))
    var winners = [Int32](
      repeating: 0, count: input.shape[0] * input.shape[1] * sizes.outputPlane)
    let output = pooled(input, threadCount: options.threadCount, winners: &winners)
    memory = Memory(inputShape: input.shape, winners: winners)
    return output
  }

  package mutating func backward(
    _ outputGradient: consuming Tensor, needsInputGradient: Bool, threadCount: Int
  ) -> Tensor? {
    let memory = kept(self.memory.take())
    guard needsInputGradient else { return nil }
    let planes = memory.inputShape[0] * memory.inputShape[1]
    let inputPlane = memory.inputShape[2] * memory.inputShape[3]
    let outputPlane = memory.winners.count / max(planes, 1)
    var inputGradient = Tensor(shape: memory.inputShape)
    inputGradient.withMutablePointer { target in
      outputGradient.withPointer { gradient in
        memory.winners.withUnsafeBufferPointer { winners in
          for place in winners.indices {
            target[place / outputPlane * inputPlane + Int(winners[place])] += gradient[place]
          }
        }
      }
    }
    return inputGradient
  }

  /// The output; writes the winners too where there is room for them.
  private func pooled(
    _ input: borrowing Tensor, threadCount: Int, winners: inout [Int32]
  ) -> Tensor {
    let shape = ImageShape(input)
    let sizes = PoolWindow(window, on: shape)
    return Tensor(
      shape: [shape.images, shape.channels, sizes.outputHeight, sizes.outputWidth]
    ) { (output: UnsafeMutablePointer<Float>) in
      winners.withUnsafeMutableBufferPointer { winners in
        let winners = winners.isEmpty ? nil : winners.baseAddress
        input.withPointer { input in
          Workers.forEachRange(
            count: shape.images * shape.channels, minimum: 1, threads: threadCount
          ) { planes in
            for plane in planes {
              Self.pool(
                input + plane * sizes.inputPlane, sizes, into: output + plane * sizes.outputPlane,
                winners: winners.map { $0 + plane * sizes.outputPlane })
            }
          }
        }
      }
    }
  }

  private static func pool(
    _ input: UnsafePointer<Float>, _ sizes: PoolWindow, into output: UnsafeMutablePointer<Float>,
    winners: UnsafeMutablePointer<Int32>?
  ) {
    var place = 0
    for outputRow in 0..<sizes.outputHeight {
      let rows = sizes.rows(outputRow)
      for outputColumn in 0..<sizes.outputWidth {
        let columns = sizes.columns(outputColumn)
        var winner = rows.lowerBound * sizes.width + columns.lowerBound
        for row in rows {
          for candidate in row * sizes.width + columns.lowerBound..<row * sizes.width
            + columns.upperBound
          where input[candidate] > input[winner] {
            winner = candidate
          }
        }
        output[place] = input[winner]
        winners?[place] = Int32(winner)
        place += 1
      }
    }
  }
}
