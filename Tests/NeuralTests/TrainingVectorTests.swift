// SPDX-License-Identifier: Apache-2.0
import Neural
import Testing

/// Losses, optimisers and schedules against PyTorch's numbers.
@Suite struct TrainingVectorTests {
  let vectors = VectorSet.fixture

  @Test(arguments: VectorSet.fixture.cases(of: "sigmoid", "softmax", "log_softmax"))
  func probabilities(_ item: VectorSet.Case) {
    let input = vectors.input("input", of: item)
    let output =
      switch item.op {
      case "sigmoid": input.sigmoid()
      case "softmax": input.softmax()
      default: input.logSoftmax()
      }
    #expect(output.deviation(from: vectors.output("output", of: item)) < 1e-6)
  }

  @Test(arguments: VectorSet.fixture.cases(of: "cross_entropy"))
  func crossEntropy(_ item: VectorSet.Case) {
    let loss = SoftmaxCrossEntropy(labelSmoothing: item.number("label_smoothing") ?? 0)
    let logits = vectors.input("logits", of: item)
    let found =
      if let targets = vectors.optionalInput("targets", of: item) {
        loss.evaluate(logits, targets: targets)
      } else {
        loss.evaluate(logits, labels: vectors.input("labels", of: item).values.map { Int($0) })
      }
    let expected = Double(vectors.output("output", of: item)[0])
    #expect(abs(found.loss - expected) <= 1e-5 * max(abs(expected), 1e-3))
    #expect(found.gradient.deviation(from: vectors.gradient("logits", of: item)) < 1e-5)
  }

  @Test(arguments: VectorSet.fixture.cases(of: "bernoulli_log_prob"))
  func bernoulli(_ item: VectorSet.Case) {
    let likelihood = BernoulliLogLikelihood(alpha: item.number("alpha") ?? 1)
    let logits = vectors.input("logits", of: item)
    let actions = vectors.input("actions", of: item)
    let weights = vectors.input("grad_output", of: item)
    let gradients = likelihood.gradients(logits, actions: actions)
    let weighted = Tensor(
      shape: gradients.shape, values: zip(gradients.values, weights.values).map { $0 * $1 })
    #expect(
      likelihood.values(logits, actions: actions)
        .deviation(from: vectors.output("output", of: item)) < 1e-6)
    #expect(weighted.deviation(from: vectors.gradient("logits", of: item)) < 1e-6)
  }

  @Test(arguments: VectorSet.fixture.cases(of: "sgd"))
  func sgd(_ item: VectorSet.Case) {
    check(
      item,
      SGD(
        learningRate: item.number("lr") ?? 0, momentum: item.number("momentum") ?? 0,
        dampening: item.number("dampening") ?? 0, weightDecay: item.number("weight_decay") ?? 0,
        isNesterov: item.flag("nesterov")))
  }

  @Test(arguments: VectorSet.fixture.cases(of: "adam", "adamw"))
  func adam(_ item: VectorSet.Case) {
    let decay = item.number("weight_decay") ?? 0
    let betas = item.numbers("betas")
    check(
      item,
      Adam(
        learningRate: item.number("lr") ?? 0, meanDecay: betas[0], squareDecay: betas[1],
        epsilon: item.number("eps") ?? 0,
        weightDecay: item.op == "adamw" ? .decoupled(decay) : .inGradient(decay)))
  }

  private func check(_ item: VectorSet.Case, _ optimiser: some Optimiser) {
    var optimiser = optimiser
    var parameter = Parameter(vectors.input("param", of: item))
    for step in 0..<5 {
      parameter.gradient = vectors.input("grad\(step)", of: item)
      optimiser.beginStep()
      optimiser.update(&parameter, slot: 0)
      let expected = vectors.output("param\(step + 1)", of: item)
      #expect(parameter.value.deviation(from: expected) < 1e-6, "step \(step + 1)")
    }
  }

  @Test(arguments: VectorSet.fixture.cases(of: "clip_grad_norm"))
  func gradientClipping(_ item: VectorSet.Case) throws {
    let gradient = vectors.input("grad", of: item)
    let limit = try #require(item.number("max_norm"))
    var parameter = Parameter(Tensor(shape: gradient.shape))
    parameter.gradient = gradient
    let norm = GradientClipping.clip(toNorm: limit) { $0("weight", &parameter) }
    #expect(abs(norm / Double(vectors.output("norm", of: item)[0]) - 1) < 1e-6)
    #expect(parameter.gradient.deviation(from: vectors.output("output", of: item)) < 1e-6)

    parameter.gradient = gradient
    GradientClipping.clip(toNorm: 2 * norm) { $0("weight", &parameter) }
    #expect(parameter.gradient == gradient, "a short gradient must stay as it is")
  }

  @Test(
    arguments: VectorSet.fixture.cases(
      of: "schedule_cosine", "schedule_step", "schedule_multi_step"))
  func schedules(_ item: VectorSet.Case) throws {
    let from = try #require(item.number("lr"))
    let schedule: LearningRateSchedule =
      switch item.op {
      case "schedule_cosine":
        .cosine(from: from, to: item.number("min_lr") ?? 0, steps: item.integer("total_steps"))
      case "schedule_step":
        .steps(from: from, factor: item.number("factor") ?? 0, every: item.integer("every"))
      default:
        .milestones(
          from: from, factor: item.number("factor") ?? 0, at: item.numbers("at").map { Int($0) })
      }
    let expected = try #require(item.values?["lr"])
    for (step, rate) in expected.enumerated() {
      #expect(abs(schedule.rate(atStep: step) - rate) <= 1e-6 * from, "step \(step)")
    }
  }
}
