// SPDX-License-Identifier: Apache-2.0
import Testing

/// That no reference case is forgotten: each suite takes all cases of its operations.
@Suite struct VectorCoverageTests {
  static let operations: [String: Set<String>] = [
    "LayerVectorTests": [
      "avg_pool2d", "batch_norm", "conv2d", "global_avg_pool2d", "linear", "max_pool2d", "relu",
    ],
    "OperationVectorTests": [
      "affine_grid", "affine_sample", "grid_sample", "interpolate_area", "interpolate_bilinear",
      "interpolate_nearest", "leaky_relu", "log_softmax", "pixel_shuffle", "pixel_unshuffle",
      "sigmoid", "softmax",
    ],
    "TrainingVectorTests": [
      "adam", "adamw", "bernoulli_log_prob", "clip_grad_norm", "cross_entropy", "distillation",
      "l1_loss", "mse_loss", "policy_gradient", "schedule_cosine", "schedule_multi_step",
      "schedule_one_cycle", "schedule_step", "sgd",
    ],
  ]

  @Test func everyCaseIsChecked() {
    let covered = Self.operations.values.reduce(into: Set<String>()) { $0.formUnion($1) }
    #expect(Set(VectorSet.fixture.cases.map(\.op)) == covered)
    #expect(VectorSet.fixture.cases.count == 102)
  }
}
