// SPDX-License-Identifier: Apache-2.0
internal import CKernels

/// One step of a plan with its weights packed.
struct CompiledStep: Sendable {
  let source: PlanBuilder.Value
  let residual: PlanBuilder.Value?
  let target: PlanBuilder.Value
  private let isRectified: Bool
  private let operation: Operation

  private enum Operation: Sendable {
    case convolve(PackedWeights, bias: ChannelVector)
    case scale(ChannelVector, shift: ChannelVector)
    case pool(PlanBuilder.PoolKind, window: SlidingWindow)
    case averageGlobally
    case crop
  }

  /// The lanes of the source: only a plan's input may have few.
  private let sourceLanes: Int

  init(_ step: PlanBuilder.Step, sourceLanes: Int, threadCount: Int) {
    source = step.source
    residual = step.residual
    target = step.target
    isRectified = step.isRectified
    self.sourceLanes = sourceLanes
    switch step.operation {
    case .convolve(let weight, let bias, let window):
      let images = step.source.shape.layout(images: 1, lanes: sourceLanes)
      operation = .convolve(
        PackedWeights(
          weight, window: window, direction: .forward, images: images, threadCount: threadCount),
        bias: ChannelVector(Tensor(shape: [bias.count], values: bias)))
    case .scale(let scale, let shift):
      operation = .scale(
        ChannelVector(Tensor(shape: [scale.count], values: scale)),
        shift: ChannelVector(Tensor(shape: [shift.count], values: shift)))
    case .pool(let kind, let window): operation = .pool(kind, window: window)
    case .averageGlobally: operation = .averageGlobally
    case .crop: operation = .crop
    }
  }

  /// Makes the target of some images.
  func run(
    images: Int, source from: UnsafePointer<Float>, residual: UnsafePointer<Float>?,
    target to: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) {
    switch operation {
    case .convolve(let weights, let bias):
      let (source, target) = layouts(images: images)
      weights.apply(
        from: from, source, to: to, target,
        blocks: 0..<PackedWeights.Packing.blocks(target.channels),
        finish: ck_finish(
          bias: bias.address, residual: residual, rectified: isRectified ? 1 : 0),
        scratch: scratch)
    case .scale(let scale, let shift):
      self.scale(images, from, residual, to, scale, shift)
    case .pool(let kind, let window):
      var (input, output) = layouts(images: images)
      var layout = window.layout
      switch kind {
      case .largest: ck_max_pool_f32(&input, &output, &layout, from, to)
      case .mean(let countsPadding):
        ck_average_pool_f32(&input, &output, &layout, countsPadding ? 1 : 0, from, to)
      }
    case .averageGlobally:
      var input = source.shape.layout(images: images)
      ck_global_mean_f32(&input, from, to)
    case .crop:
      var (input, output) = layouts(images: images)
      ck_copy_corner_f32(&input, &output, from, to)
    }
  }

  /// The working memory that `run` needs, in floats.
  func scratchCount(images: Int) -> Int {
    guard case .convolve(let weights, _) = operation else { return 0 }
    let (source, target) = layouts(images: images)
    return weights.scratchCount(source: source, target: target)
  }

  private func layouts(images: Int) -> (source: ck_images, target: ck_images) {
    (
      source.shape.layout(images: images, lanes: sourceLanes),
      target.shape.layout(images: images)
    )
  }

  private func scale(
    _ images: Int, _ from: UnsafePointer<Float>, _ residual: UnsafePointer<Float>?,
    _ to: UnsafeMutablePointer<Float>, _ scale: ChannelVector, _ shift: ChannelVector
  ) {
    let layout = target.shape.layout(images: images)
    let vectors = layout.height * layout.width * images
    var maps = [ck_channel_map](
      repeating: ck_channel_map(), count: PackedWeights.Packing.blocks(layout.channels))
    maps.forEachChannel { channel, map in
      map = .init(centre: 0, scale: scale.address[channel], shift: shift.address[channel])
    }
    for block in maps.indices {
      let offset = block * vectors * Int(CK_LANES)
      ck_normalise_f32(
        vectors, &maps[block], from + offset, residual.map { $0 + offset }, isRectified ? 1 : 0,
        to + offset)
    }
  }
}
