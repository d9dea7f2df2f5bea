// SPDX-License-Identifier: Apache-2.0
internal import CKernels

/// A network compiled for inference on inputs of one shape.
///
/// Each thread takes a few images through all steps before it takes the next, so that what flows
/// between steps stays in its cache. All memory between input and output is planned here and kept
/// from batch to batch.
package struct InferencePlan: Sendable {
  /// How much memory the images that a thread works on may take at most: more than its own cache
  /// has, as full tiles are worth more.
  private static let groupBytes = 1 << 23
  /// The fewest, where there are enough.
  private static let fewestImages = 4

  private let input: PlanBuilder.Value
  private let output: PlanBuilder.Value
  private let inputLanes: Int
  private let steps: [CompiledStep]
  private let memory: PlanMemory

  /// What one image becomes.
  var outputShape: PlanBuilder.Shape { output.shape }

  /// Compiles a layer.
  init(_ layer: some Layer, input shape: PlanBuilder.Shape, threadCount: Int) {
    var builder = PlanBuilder(input: shape)
    layer.plan(&builder)
    input = builder.input
    output = builder.value
    let lanes = builder.inputLanes
    inputLanes = lanes
    steps = builder.steps.map {
      CompiledStep(
        $0, sourceLanes: $0.source == builder.input ? lanes : BlockedLayout.mostLanes,
        threadCount: threadCount)
    }
    memory = PlanMemory(input: builder.input, output: builder.value, steps: builder.steps)
  }

  /// Runs a batch `[batch] + input shape`, and returns `[batch] + output shape`.
  func run(_ batch: borrowing Tensor, threadCount: Int) -> Tensor {
    let count = batch.shape[0]
    let largest = imagesPerGroup
    let wanted = max(1, (count + largest - 1) / largest)
    let threads = max(1, min(threadCount, count))
    let groups = (wanted + threads - 1) / threads * threads
    return Tensor(shape: [count] + output.shape.dimensions) {
      (target: UnsafeMutablePointer<Float>) in
      guard count > 0 else { return }
      batch.withPointer { source in
        Workers.forEach(pieces: groups, threads: threads) { group in
          let images = Workers.share(group, of: groups, count: count)
          guard !images.isEmpty else { return }
          AlignedFloats.withTemporary(count: arenaCount(images: images.count)) { arena in
            run(
              images.count, source + images.lowerBound * input.shape.count,
              into: target + images.lowerBound * output.shape.count, arena: arena)
          }
        }
      }
    }
  }

  private var imagesPerGroup: Int {
    let bytes = memory.floatsPerImage * MemoryLayout<Float>.stride
    return max(Self.fewestImages, min(BlockedLayout.mostImagesInGroup, Self.groupBytes / bytes))
  }

  private func arenaCount(images: Int) -> Int {
    let scratch = steps.reduce(0) { max($0, $1.scratchCount(images: images)) }
    return memory.floatsPerImage * images + scratch
  }

  private func run(
    _ images: Int, _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>,
    arena: UnsafeMutablePointer<Float>
  ) {
    func place(_ value: PlanBuilder.Value) -> UnsafeMutablePointer<Float> {
      arena + memory.offsets[value.index] * images
    }
    var layout = input.shape.layout(images: images, lanes: inputLanes)
    ck_block_f32(&layout, source, place(input))
    for step in steps {
      step.run(
        images: images, source: place(step.source), residual: step.residual.map { place($0) },
        target: place(step.target), scratch: arena + memory.floatsPerImage * images)
    }
    layout = output.shape.layout(images: images)
    ck_unblock_f32(&layout, place(output), target)
  }
}

extension InferencePlan {
  /// The output of one layer alone.
  package static func output(of layer: some Layer, for input: Tensor, threadCount: Int) -> Tensor {
    InferencePlan(layer, input: .init(ofBatch: input.shape), threadCount: threadCount)
      .run(input, threadCount: threadCount)
  }
}
