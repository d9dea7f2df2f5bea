// SPDX-License-Identifier: Apache-2.0
import Neural
import Testing

@Suite struct TensorTests {
  @Test func copiesAreIndependent() {
    let first = Tensor(shape: [2, 2], values: [1, 2, 3, 4])
    var second = first
    second[3] = 9
    #expect(first.values == [1, 2, 3, 4])
    #expect(second.values == [1, 2, 3, 9])
  }

  @Test func writingToTheOnlyHolderCopiesNothing() {
    var tensor = Tensor(shape: [1000])
    let before = tensor.withUnsafeBufferPointer { $0.baseAddress }
    tensor.withUnsafeMutableBufferPointer { $0[7] = 1 }
    let shaped = tensor.reshaped([10, 100])
    #expect(shaped.withUnsafeBufferPointer { $0.baseAddress } == before)
  }

  @Test func gatheringTakesEntriesInOrder() {
    let tensor = Tensor(shape: [3, 2], values: [0, 1, 2, 3, 4, 5])
    #expect(tensor.gathered([2, 0, 2]) == Tensor(shape: [3, 2], values: [4, 5, 0, 1, 4, 5]))
    #expect(tensor.gathered([]).shape == [0, 2])
  }

  @Test func theFirstOfEqualsIsTheLargest() {
    let rows = Tensor(shape: [3, 3], values: [1, 2, 2, 5, 4, 5, -3, -2, -1])
    #expect(rows.argmaxOfRows() == [1, 0, 2])
  }

  @Test func probabilitiesSurviveExtremeLogits() {
    let logits = Tensor(shape: [1, 3], values: [1000, 0, -1000])
    #expect(logits.softmax().values == [1, 0, 0])
    #expect(logits.logSoftmax().values == [0, -1000, -2000])
    #expect(logits.sigmoid().values == [1, 0.5, 0])
    let actions = Tensor(shape: [1, 3], values: [0, 1, 1])
    let likelihood = BernoulliLogLikelihood()
    #expect(likelihood.values(logits, actions: actions)[0] == -1000)
    #expect(likelihood.values(logits, actions: actions)[2] == -1000)
    #expect(likelihood.gradients(logits, actions: actions).values == [-1, 0.5, 1])
  }

  @Test func boundedProbabilitiesKeepTheirBounds() {
    let logits = Tensor(shape: [3], values: [-100, 0, 100])
    let found = BernoulliLogLikelihood(alpha: 0.8).probabilities(logits)
    #expect(found.deviation(from: Tensor(shape: [3], values: [0.2, 0.5, 0.8])) < 1e-6)
  }
}
