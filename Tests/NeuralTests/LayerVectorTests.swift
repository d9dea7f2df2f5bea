// SPDX-License-Identifier: Apache-2.0
import Neural
import Testing

/// Layers against PyTorch's numbers: outputs to 1e-4, gradients to 1e-3.
@Suite struct LayerVectorTests {
  let vectors = VectorSet.fixture

  @Test(arguments: VectorSet.fixture.cases(of: "conv2d"))
  func convolution(_ item: VectorSet.Case) throws {
    let layer = Convolution2D(
      weight: vectors.input("weight", of: item), bias: vectors.optionalInput("bias", of: item),
      window: window(item))
    try check(item, layer)
  }

  @Test(arguments: VectorSet.fixture.cases(of: "batch_norm"))
  func batchNorm(_ item: VectorSet.Case) throws {
    let isTraining = item.flag("training")
    var layer = BatchNorm2D(channels: vectors.input("weight", of: item).count)
    layer.weight = Parameter(vectors.input("weight", of: item))
    layer.bias = Parameter(vectors.input("bias", of: item))
    layer.runningMean = vectors.input("running_mean", of: item)
    layer.runningVariance = vectors.input("running_var", of: item)
    let trained = try check(item, layer, mode: isTraining ? .train : .trainFrozen)
    #expect(
      trained.runningMean.deviation(from: vectors.output("new_running_mean", of: item)) < 1e-5)
    #expect(
      trained.runningVariance.deviation(from: vectors.output("new_running_var", of: item)) < 1e-5)
    #expect(trained.trackedBatchCount == (isTraining ? 1 : 0))
  }

  @Test(arguments: VectorSet.fixture.cases(of: "linear"))
  func linear(_ item: VectorSet.Case) throws {
    try check(
      item,
      Linear(
        weight: vectors.input("weight", of: item), bias: vectors.optionalInput("bias", of: item)))
  }

  @Test(arguments: VectorSet.fixture.cases(of: "relu"))
  func relu(_ item: VectorSet.Case) throws {
    try check(item, ReLU())
  }

  @Test(arguments: VectorSet.fixture.cases(of: "max_pool2d"))
  func maxPool(_ item: VectorSet.Case) throws {
    try check(item, MaxPool2D(window: window(item)))
  }

  @Test(arguments: VectorSet.fixture.cases(of: "avg_pool2d"))
  func averagePool(_ item: VectorSet.Case) throws {
    try check(
      item,
      AveragePool2D(window: window(item), countsPadding: item.flag("count_include_pad")))
  }

  @Test(arguments: VectorSet.fixture.cases(of: "global_avg_pool2d"))
  func globalAveragePool(_ item: VectorSet.Case) throws {
    try check(item, GlobalAveragePool())
  }

  private func window(_ item: VectorSet.Case) -> SlidingWindow {
    .init(
      kernel: item.integer("kernel"), stride: item.integer("stride"),
      padding: item.integer("padding"))
  }

  /// Runs both passes on one and on two threads and compares with the case; returns the layer.
  @discardableResult
  private func check<Candidate: Layer>(
    _ item: VectorSet.Case, _ layer: Candidate, mode: PassMode = .train
  ) throws -> Candidate {
    let input = vectors.input("input", of: item)
    let expected = vectors.output("output", of: item)
    var outputs: [Tensor] = []
    var result = layer
    for threadCount in [1, 2] {
      var trained = layer
      let options = PassOptions(mode: mode, threadCount: threadCount)
      let output = trained.forward(.plain(input), options: options)
        .tensor(threadCount: threadCount)
      #expect(output.reshaped(expected.shape).deviation(from: expected) < 1e-4)
      if mode == .trainFrozen || !(layer is BatchNorm2D) {
        let inferred = layer.infer(input, threadCount: threadCount)
        #expect(inferred.reshaped(expected.shape).deviation(from: expected) < 1e-4)
      }

      let gradient = vectors.input("grad_output", of: item).reshaped(output.shape)
      let found = trained.backward(
        .plain(gradient), needsInputGradient: true, threadCount: threadCount)
      let inputGradient = try #require(found).tensor(threadCount: threadCount)
      #expect(inputGradient.deviation(from: vectors.gradient("input", of: item)) < 1e-3)
      trained.visitParameters(prefix: "") { name, parameter in
        let reference = vectors.gradient(name, of: item)
        #expect(parameter.gradient.deviation(from: reference) < 1e-3, "\(name)")
      }
      outputs += [output, inputGradient]
      result = trained

      var lean = layer
      _ = lean.forward(.plain(input), options: options)
      let none = lean.backward(
        .plain(gradient), needsInputGradient: false, threadCount: threadCount)
      #expect(none?.tensor(threadCount: 1) == nil)
      lean.visitParameters(prefix: "") { name, parameter in
        let reference = vectors.gradient(name, of: item)
        #expect(parameter.gradient.deviation(from: reference) < 1e-3, "\(name), lean")
      }
    }
    #expect(outputs[0] == outputs[2] && outputs[1] == outputs[3], "threads must not matter")
    return result
  }
}
