// SPDX-License-Identifier: Apache-2.0
import Neural
import Testing

/// Operations against PyTorch's numbers: outputs to 1e-4, gradients to 1e-3.
@Suite struct OperationVectorTests {
  let vectors = VectorSet.fixture

  @Test(arguments: VectorSet.fixture.cases(of: "leaky_relu", "sigmoid", "softmax", "log_softmax"))
  func activations(_ item: VectorSet.Case) throws {
    let activation: Activation =
      switch item.op {
      case "leaky_relu": .leakyReLU(slope: Float(try #require(item.number("slope"))))
      case "sigmoid": .sigmoid
      case "softmax": .softmax
      default: .logSoftmax
      }
    check(item, activation, of: "input", outputLimit: 1e-6, gradientLimit: 1e-6)
  }

  @Test(
    arguments: VectorSet.fixture.cases(
      of: "interpolate_nearest", "interpolate_bilinear", "interpolate_area"))
  func resampling(_ item: VectorSet.Case) {
    let method: Resampling.Method =
      switch item.op {
      case "interpolate_nearest": .nearest
      case "interpolate_area": .area
      default: item.flag("antialias") ? .antialiasedBilinear : .bilinear
      }
    let size = item.numbers("size").map { Int($0) }
    check(item, Resampling(method, height: size[0], width: size[1]), of: "input")
  }

  @Test(arguments: VectorSet.fixture.cases(of: "pixel_shuffle", "pixel_unshuffle"))
  func pixelShuffle(_ item: VectorSet.Case) {
    check(
      item,
      PixelShuffle(
        factor: item.integer("factor"),
        direction: item.op == "pixel_shuffle" ? .channelsToPixels : .pixelsToChannels),
      of: "input", outputLimit: 1e-12, gradientLimit: 1e-12)
  }

  @Test(arguments: VectorSet.fixture.cases(of: "affine_grid"))
  func affineGrid(_ item: VectorSet.Case) {
    let size = item.numbers("size").map { Int($0) }
    check(item, AffineGrid(height: size[2], width: size[3]), of: "theta")
  }

  @Test(arguments: VectorSet.fixture.cases(of: "grid_sample"), [1, 2])
  func gridSample(_ item: VectorSet.Case, threadCount: Int) {
    let input = vectors.input("input", of: item)
    let grid = vectors.input("grid", of: item)
    let output = GridSample().evaluate(input, grid: grid, threadCount: threadCount)
    #expect(output.deviation(from: vectors.output("output", of: item)) < 1e-5)
    let gradients = GridSample().gradients(
      vectors.input("grad_output", of: item), at: input, grid: grid, threadCount: threadCount)
    #expect(gradients.input.deviation(from: vectors.gradient("input", of: item)) < 1e-5)
    #expect(gradients.grid.deviation(from: vectors.gradient("grid", of: item)) < 1e-5)
  }

  @Test(arguments: VectorSet.fixture.cases(of: "affine_sample"))
  func spatialTransformer(_ item: VectorSet.Case) {
    let size = item.numbers("size").map { Int($0) }
    let affine = AffineGrid(height: size[2], width: size[3])
    let input = vectors.input("input", of: item)
    let theta = vectors.input("theta", of: item)
    let grid = affine.evaluate(theta)
    let output = GridSample().evaluate(input, grid: grid)
    #expect(output.deviation(from: vectors.output("output", of: item)) < 1e-5)
    let gradients = GridSample().gradients(
      vectors.input("grad_output", of: item), at: input, grid: grid)
    #expect(gradients.input.deviation(from: vectors.gradient("input", of: item)) < 1e-5)
    let thetaGradient = affine.gradient(gradients.grid, at: theta)
    #expect(thetaGradient.deviation(from: vectors.gradient("theta", of: item)) < 1e-5)
  }

  /// Runs both functions on one and on two threads and compares with the case.
  private func check(
    _ item: VectorSet.Case, _ operation: some DifferentiableOperation, of name: String,
    outputLimit: Double = 1e-5, gradientLimit: Double = 1e-5
  ) {
    let input = vectors.input(name, of: item)
    let slopes = vectors.input("grad_output", of: item)
    let output = operation.evaluate(input)
    let gradient = operation.gradient(slopes, at: input)
    #expect(output.deviation(from: vectors.output("output", of: item)) < outputLimit)
    #expect(gradient.deviation(from: vectors.gradient(name, of: item)) < gradientLimit)
    #expect(operation.evaluate(input, threadCount: 2) == output, "threads must not matter")
    #expect(operation.gradient(slopes, at: input, threadCount: 2) == gradient)
  }
}
