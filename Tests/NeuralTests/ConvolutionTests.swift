// SPDX-License-Identifier: Apache-2.0
import Neural
import Platform
import Testing

/// Convolutions of each instruction set against sums written out in double precision; Winograd's
/// lose a digit.
@Suite struct ConvolutionTests {
  struct Sizes: CustomTestStringConvertible, Sendable {
    let images: Int
    let inputs: Int
    let outputs: Int
    let height: Int
    let width: Int
    let kernel: Int
    var stride = 1
    var padding: Int?

    var window: SlidingWindow { .init(kernel: kernel, stride: stride, padding: padding) }

    var testDescription: String {
      "\(images) of \(inputs) x \(height) x \(width) to \(outputs), \(window)"
    }
  }

  static let sizes = [
    // One image and one channel; sizes below, at and above a vector of each set.
    Sizes(images: 1, inputs: 1, outputs: 1, height: 4, width: 4, kernel: 3),
    Sizes(images: 1, inputs: 2, outputs: 3, height: 1, width: 15, kernel: 3),
    Sizes(images: 2, inputs: 3, outputs: 8, height: 5, width: 16, kernel: 3),
    Sizes(images: 3, inputs: 4, outputs: 9, height: 6, width: 17, kernel: 3),
    Sizes(images: 2, inputs: 16, outputs: 16, height: 32, width: 32, kernel: 3),
    // Many small images side by side, the last group not full.
    Sizes(images: 37, inputs: 9, outputs: 7, height: 8, width: 8, kernel: 3),
    Sizes(images: 70, inputs: 5, outputs: 24, height: 4, width: 4, kernel: 3),
    // Larger windows, and images smaller than the window.
    Sizes(images: 3, inputs: 2, outputs: 5, height: 9, width: 7, kernel: 5),
    Sizes(images: 2, inputs: 3, outputs: 8, height: 10, width: 12, kernel: 7),
    Sizes(images: 9, inputs: 3, outputs: 8, height: 2, width: 5, kernel: 7),
    // Blocks of channels that do not fill, and one, two, three, four and five of them.
    Sizes(images: 5, inputs: 17, outputs: 33, height: 5, width: 6, kernel: 3),
    Sizes(images: 4, inputs: 48, outputs: 64, height: 3, width: 9, kernel: 3),
    Sizes(images: 3, inputs: 40, outputs: 80, height: 2, width: 2, kernel: 3),
    // Strides, odd sizes, no padding, more padding than the kernel needs, a 1x1 kernel.
    Sizes(images: 15, inputs: 20, outputs: 32, height: 9, width: 8, kernel: 3, stride: 2),
    Sizes(images: 6, inputs: 3, outputs: 64, height: 15, width: 17, kernel: 7, stride: 2),
    Sizes(images: 3, inputs: 16, outputs: 24, height: 7, width: 7, kernel: 1, stride: 2),
    Sizes(images: 4, inputs: 18, outputs: 20, height: 6, width: 5, kernel: 1),
    Sizes(images: 3, inputs: 5, outputs: 6, height: 7, width: 9, kernel: 3, padding: 0),
    Sizes(images: 2, inputs: 5, outputs: 6, height: 4, width: 5, kernel: 3, padding: 2),
    Sizes(images: 2, inputs: 4, outputs: 6, height: 11, width: 10, kernel: 5, stride: 3),
    // Winograd's: whole tiles, parts of tiles, blocks that do not fill, several runs of tiles.
    Sizes(images: 5, inputs: 32, outputs: 48, height: 8, width: 8, kernel: 3),
    Sizes(images: 15, inputs: 64, outputs: 33, height: 13, width: 6, kernel: 3),
    Sizes(images: 2, inputs: 40, outputs: 32, height: 4, width: 11, kernel: 3),
  ]

  @Test(arguments: sizes, ["avx512", "avx2", "portable"])
  func agreesWithPlainSums(_ sizes: Sizes, _ instructionSet: String) throws {
    var generator = SeededGenerator(seed: 3)
    let window = sizes.window
    let weight = Tensor.random(
      [sizes.outputs, sizes.inputs, sizes.kernel, sizes.kernel], using: &generator)
    let input = Tensor.random(
      [sizes.images, sizes.inputs, sizes.height, sizes.width], using: &generator)
    let slope = Tensor.random(
      [
        sizes.images, sizes.outputs, PlainSums.length(sizes.height, window),
        PlainSums.length(sizes.width, window),
      ], using: &generator)
    let plain = PlainSums(input: input, weight: weight, slope: slope, window: window)
    EngineMachine.withInstructionSet(instructionSet) {
      var layer = Convolution2D(weight: weight, window: window)
      let options = PassOptions(mode: .train, threadCount: 1)
      let output = layer.forward(.plain(input), options: options).tensor(threadCount: 1)
      let inputGradient = layer.backward(
        .plain(slope), needsInputGradient: true, threadCount: 1)?.tensor(threadCount: 1)
      #expect(layer.infer(input, threadCount: 1).deviation(from: plain.output) < 3e-5)
      #expect(output.deviation(from: plain.output) < 3e-5)
      #expect((inputGradient?.deviation(from: plain.inputGradient) ?? .infinity) < 3e-5)
      #expect(layer.weight.gradient.deviation(from: plain.weightGradient) < 1e-5)
    }
  }

  @Test func theBestSetIsChosenAndComesBack() {
    let best = EngineMachine.instructionSet
    #expect(["avx512", "avx2", "portable"].contains(best))
    #expect(
      EngineMachine.withInstructionSet("portable") { EngineMachine.instructionSet } == "portable")
    #expect(EngineMachine.instructionSet == best)
    #expect(EngineMachine.withInstructionSet("abacus") { 1 } == nil)
    #expect(!EngineMachine.blasCore.isEmpty)
  }
}

/// A convolution and both gradients, term by term.
private struct PlainSums {
  let output: Tensor
  let inputGradient: Tensor
  let weightGradient: Tensor

  static func length(_ length: Int, _ window: SlidingWindow) -> Int {
    (length + 2 * window.padding - window.kernel) / window.stride + 1
  }

  init(input: Tensor, weight: Tensor, slope: Tensor, window: SlidingWindow) {
    let (images, inputs) = (input.shape[0], input.shape[1])
    let (height, width) = (input.shape[2], input.shape[3])
    let (outputs, kernel) = (weight.shape[0], weight.shape[2])
    let (rows, columns) = (slope.shape[2], slope.shape[3])
    let (x, w, g) = (input.values, weight.values, slope.values)
    var y = [Double](repeating: 0, count: g.count)
    var dx = [Double](repeating: 0, count: x.count)
    var dw = [Double](repeating: 0, count: w.count)
    for image in 0..<images {
      for out in 0..<outputs {
        for row in 0..<rows {
          for column in 0..<columns {
            let to = ((image * outputs + out) * rows + row) * columns + column
            for channel in 0..<inputs {
              for tap in 0..<kernel * kernel {
                let fromRow = row * window.stride + tap / kernel - window.padding
                let fromColumn = column * window.stride + tap % kernel - window.padding
                guard (0..<height).contains(fromRow), (0..<width).contains(fromColumn) else {
                  continue
                }
                let from = ((image * inputs + channel) * height + fromRow) * width + fromColumn
                let place = (out * inputs + channel) * kernel * kernel + tap
                y[to] += Double(w[place]) * Double(x[from])
                dx[from] += Double(w[place]) * Double(g[to])
                dw[place] += Double(g[to]) * Double(x[from])
              }
            }
          }
        }
      }
    }
    output = Tensor(shape: slope.shape, values: y.map { Float($0) })
    inputGradient = Tensor(shape: input.shape, values: dx.map { Float($0) })
    weightGradient = Tensor(shape: weight.shape, values: dw.map { Float($0) })
  }
}
