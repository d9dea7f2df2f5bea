// SPDX-License-Identifier: Apache-2.0
import Neural
import Platform
import Testing

/// Derivatives against central differences, whose sums are taken in double precision.
@Suite struct OperationGradientTests {
  @Test(arguments: [
    Activation.leakyReLU(slope: 0.3), .leakyReLU(slope: 0), .sigmoid, .softmax, .logSoftmax,
  ])
  func activations(_ activation: Activation) {
    var generator = SeededGenerator(seed: 3)
    var input = Tensor.random([3, 7], using: &generator)
    // No difference may straddle the kink at 0.
    for index in 0..<input.count where abs(input[index]) < 0.02 { input[index] = 0.1 }
    check(activation, at: input, step: 0x1p-7)
  }

  @Test(
    arguments: Resampling.Method.allCases,
    [[1, 1], [2, 9], [3, 4], [5, 7], [6, 3], [10, 14], [13, 1]])
  func resampling(_ method: Resampling.Method, size: [Int]) {
    var generator = SeededGenerator(seed: 4)
    let operation = Resampling(method, height: size[0], width: size[1])
    check(operation, at: .random([2, 3, 5, 7], using: &generator), step: 0.25)

    // Whatever the size, what is flat stays flat.
    let flat = operation.evaluate(Tensor(shape: [1, 2, 5, 7], repeating: 3))
    #expect(flat.deviation(from: Tensor(shape: [1, 2] + size, repeating: 3)) < 1e-6)
    if size == [5, 7] {
      let images = Tensor.random([1, 1, 5, 7], using: &generator)
      #expect(operation.evaluate(images).deviation(from: images) < 1e-6)
    }
  }

  @Test(arguments: PixelShuffle.Direction.allCases, [1, 2, 3])
  func pixelShuffle(_ direction: PixelShuffle.Direction, factor: Int) {
    var generator = SeededGenerator(seed: 5)
    let (block, sides) = (factor * factor, [2 * factor, 3 * factor])
    let input = Tensor.random(
      direction == .channelsToPixels ? [2, 2 * block, 2, 3] : [2, 2] + sides, using: &generator)
    let operation = PixelShuffle(factor: factor, direction: direction)
    check(operation, at: input, step: 0.25)
    #expect(operation.gradient(operation.evaluate(input), at: input) == input)
  }

  @Test func affineGrid() {
    var generator = SeededGenerator(seed: 6)
    check(
      AffineGrid(height: 3, width: 4), at: .random([2, 2, 3], using: &generator), step: 0.25)
  }

  @Test func gridSample() {
    var generator = SeededGenerator(seed: 7)
    let (height, width) = (4, 5)
    let input = Tensor.random([2, 3, height, width], using: &generator)
    // In pixels from -1 to the length, away from where the derivative jumps.
    let grid = Tensor(
      shape: [2, 3, 3, 2],
      values: (0..<36).map { place in
        let length = place.isMultiple(of: 2) ? width : height
        let pixel =
          Float(Int.random(in: -1..<length, using: &generator)) + 0.2 + 0.6 * generator.uniform()
        return (2 * pixel + 1) / Float(length) - 1
      })
    let slopes = Tensor.random([2, 3, 3, 3], using: &generator)
    let gradients = GridSample().gradients(slopes, at: input, grid: grid, threadCount: 2)
    let byInput = differences(at: input, step: 0.25) {
      dot(GridSample().evaluate($0, grid: grid), slopes)
    }
    #expect(gradients.input.deviation(from: byInput) < 1e-3)
    let byGrid = differences(at: grid, step: 0x1p-5) {
      dot(GridSample().evaluate(input, grid: $0), slopes)
    }
    #expect(gradients.grid.deviation(from: byGrid) < 1e-3)
  }

  @Test func placesThatNoPixelStandsForAreOutside() {
    let input = Tensor(shape: [1, 1, 2, 2], repeating: 1)
    let grid = Tensor(
      shape: [1, 1, 4, 2], values: [.nan, 0, .infinity, 0, 0, -1e30, 0, 0])
    #expect(GridSample().evaluate(input, grid: grid).values == [0, 0, 0, 1])
    let slopes = Tensor(shape: [1, 1, 1, 4], repeating: 1)
    let gradients = GridSample().gradients(slopes, at: input, grid: grid)
    #expect(gradients.input.values == [0.25, 0.25, 0.25, 0.25])
    #expect(gradients.grid == Tensor(shape: grid.shape))
  }

  @Test func anUnchangedImageIsItsOwnSample() {
    var generator = SeededGenerator(seed: 8)
    let input = Tensor.random([2, 3, 5, 6], using: &generator)
    let identity = Tensor(shape: [2, 2, 3], values: [1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0])
    let grid = AffineGrid(height: 5, width: 6).evaluate(identity)
    #expect(GridSample().evaluate(input, grid: grid).deviation(from: input) < 1e-5)
  }

  @Test(arguments: RegressionLoss.allCases)
  func regression(_ loss: RegressionLoss) {
    var generator = SeededGenerator(seed: 9)
    let targets = Tensor.random([2, 5], using: &generator)
    let values = Tensor(shape: [2, 5], values: targets.values.map { $0 < 0 ? $0 + 1 : $0 - 1 })
    let found = loss.evaluate(values, targets: targets).gradient
    let wanted = differences(at: values, step: 0x1p-4) {
      loss.evaluate($0, targets: targets).loss
    }
    #expect(found.deviation(from: wanted) < 1e-3)
  }

  @Test(arguments: [(1.0, 1.0), (3.0, 0.5), (20.0, 0.9)])
  func distillation(temperature: Double, alpha: Double) {
    var generator = SeededGenerator(seed: 10)
    let loss = DistillationLoss(temperature: temperature, alpha: alpha)
    let (student, teacher) = (
      Tensor.random([3, 5], using: &generator), Tensor.random([3, 5], using: &generator)
    )
    let labels = [4, 0, 2]
    let found = loss.evaluate(student, teacher: teacher, labels: labels).gradient
    let wanted = differences(at: student, step: 0x1p-5) {
      loss.evaluate($0, teacher: teacher, labels: labels).loss
    }
    #expect(found.deviation(from: wanted) < 1e-3)
    // Who knows what the teacher knows has nothing to learn.
    let pure = DistillationLoss(temperature: temperature)
      .evaluate(teacher, teacher: teacher, labels: labels)
    #expect(pure.loss == 0 && pure.gradient == Tensor(shape: [3, 5]))
  }

  @Test func aTeacherWithoutDoubtGivesAFiniteLoss() {
    let teacher = Tensor(shape: [1, 3], values: [1e30, 0, 0])
    let (loss, gradient) = DistillationLoss(temperature: 1)
      .evaluate(Tensor(shape: [1, 3]), teacher: teacher, labels: [0])
    #expect(abs(loss - 1.0986) < 1e-3)
    #expect(
      gradient.deviation(from: Tensor(shape: [1, 3], values: [-2, 1, 1].map { $0 / 3 })) < 1e-6)
  }

  @Test(arguments: [0, 0.2], [nil, [0.5, 1, 2, 4]])
  func crossEntropy(smoothing: Double, weights: [Double]?) {
    var generator = SeededGenerator(seed: 11)
    let loss = SoftmaxCrossEntropy(labelSmoothing: smoothing, classWeights: weights)
    let logits = Tensor.random([3, 4], using: &generator)
    let targets = Tensor.random([3, 4], using: &generator).softmax()
    let byLabels = differences(at: logits, step: 0x1p-6) {
      loss.evaluate($0, labels: [3, 1, 0]).loss
    }
    #expect(loss.evaluate(logits, labels: [3, 1, 0]).gradient.deviation(from: byLabels) < 1e-3)
    let byTargets = differences(at: logits, step: 0x1p-6) {
      loss.evaluate($0, targets: targets).loss
    }
    #expect(loss.evaluate(logits, targets: targets).gradient.deviation(from: byTargets) < 1e-3)
  }

  private func check(
    _ operation: some DifferentiableOperation, at input: Tensor, step: Float
  ) {
    var generator = SeededGenerator(seed: 12)
    let slopes = Tensor.random(operation.evaluate(input).shape, using: &generator)
    let wanted = differences(at: input, step: step) { dot(operation.evaluate($0), slopes) }
    #expect(operation.gradient(slopes, at: input).deviation(from: wanted) < 1e-3)
  }

  /// The central differences of a function for each element of its argument.
  private func differences(
    at input: Tensor, step: Float, _ function: (Tensor) -> Double
  ) -> Tensor {
    Tensor(
      shape: input.shape,
      values: (0..<input.count).map { index in
        var (below, above) = (input, input)
        below[index] -= step
        above[index] += step
        // What the step really is after rounding.
        let distance = Double(above[index]) - Double(below[index])
        return Float((function(above) - function(below)) / distance)
      })
  }

  private func dot(_ first: Tensor, _ second: Tensor) -> Double {
    zip(first.values, second.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }
}
