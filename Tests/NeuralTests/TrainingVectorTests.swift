// SPDX-License-Identifier: Apache-2.0
import Neural
import Testing

/// Losses, optimisers and schedules against PyTorch's numbers.
@Suite struct TrainingVectorTests {
  let vectors = VectorSet.fixture

  @Test(arguments: VectorSet.fixture.cases(of: "cross_entropy"))
  func crossEntropy(_ item: VectorSet.Case) {
    let loss = SoftmaxCrossEntropy(
      labelSmoothing: item.number("label_smoothing") ?? 0,
      classWeights: vectors.optionalInput("class_weights", of: item)?.values.map { Double($0) })
    let logits = vectors.input("logits", of: item)
    let found =
      if let targets = vectors.optionalInput("targets", of: item) {
        loss.evaluate(logits, targets: targets)
      } else {
        loss.evaluate(logits, labels: vectors.input("labels", of: item).values.map { Int($0) })
      }
    check(item, found, of: "logits")
  }

  @Test(arguments: VectorSet.fixture.cases(of: "distillation"))
  func distillation(_ item: VectorSet.Case) throws {
    let loss = DistillationLoss(
      temperature: try #require(item.number("temperature")),
      alpha: try #require(item.number("alpha")))
    check(
      item,
      loss.evaluate(
        vectors.input("student", of: item), teacher: vectors.input("teacher", of: item),
        labels: vectors.input("labels", of: item).values.map { Int($0) }), of: "student")
  }

  @Test(arguments: VectorSet.fixture.cases(of: "l1_loss", "mse_loss"))
  func regression(_ item: VectorSet.Case) {
    let loss: RegressionLoss = item.op == "l1_loss" ? .absolute : .squared
    check(
      item,
      loss.evaluate(
        vectors.input("input", of: item), targets: vectors.input("target", of: item)),
      of: "input")
  }

  @Test(arguments: VectorSet.fixture.cases(of: "policy_gradient"))
  func policyGradient(_ item: VectorSet.Case) {
    let likelihood = BernoulliLogLikelihood(alpha: item.number("alpha") ?? 1)
    let logits = vectors.input("logits", of: item)
    let actions = vectors.input("actions", of: item)
    let advantage = vectors.input("advantage", of: item)
    let share = -1 / Double(logits.count)
    func weighted(_ tensor: Tensor) -> [Double] {
      tensor.values.enumerated().map { place, value in
        share * Double(value) * Double(advantage[place / logits.shape[1]])
      }
    }
    let gradient = weighted(likelihood.gradients(logits, actions: actions)).map { Float($0) }
    check(
      item,
      (
        weighted(likelihood.values(logits, actions: actions)).reduce(0, +),
        Tensor(shape: logits.shape, values: gradient)
      ), of: "logits")
  }

  /// Compares a loss and its gradient with the case.
  private func check(
    _ item: VectorSet.Case, _ found: (loss: Double, gradient: Tensor), of name: String
  ) {
    let expected = Double(vectors.output("output", of: item)[0])
    #expect(abs(found.loss - expected) <= 1e-5 * max(abs(expected), 1e-3))
    #expect(found.gradient.deviation(from: vectors.gradient(name, of: item)) < 1e-5)
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

  @Test(arguments: VectorSet.fixture.cases(of: "schedule_one_cycle"))
  func oneCycle(_ item: VectorSet.Case) throws {
    var cycle = OneCycle(
      peak: try #require(item.number("max_lr")), steps: item.integer("total_steps"),
      risingShare: try #require(item.number("pct_start")),
      firstDivisor: try #require(item.number("div_factor")),
      lastDivisor: try #require(item.number("final_div_factor")),
      shape: item.text("anneal") == "cos" ? .cosine : .linear)
    if let low = item.number("base_momentum"), let high = item.number("max_momentum") {
      cycle.momentum = low...high
    }
    let rates = try #require(item.values?["lr"])
    let schedule = LearningRateSchedule.oneCycle(cycle)
    for (step, rate) in rates.enumerated() {
      #expect(abs(schedule.rate(atStep: step) - rate) <= 1e-6 * rate, "step \(step)")
    }
    for (step, momentum) in (item.values?["momentum"] ?? []).enumerated() {
      #expect(abs(cycle.momentum(atStep: step) - momentum) <= 1e-6, "step \(step)")
    }
    // After its last step it stays where it is, and short ones are no special case.
    #expect(cycle.rate(atStep: cycle.steps + 5) == cycle.rate(atStep: cycle.steps - 1))
    for steps in 1...4 {
      cycle.steps = steps
      for step in 0..<steps { #expect((0...cycle.peak).contains(cycle.rate(atStep: step))) }
    }
  }
}
