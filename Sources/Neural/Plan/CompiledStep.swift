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
    case convolve(PackedWeights, bias: ChannelVector, window: SlidingWindow)
    case scale(ChannelVector, shift: ChannelVector)
    case pool(PlanBuilder.PoolKind, window: SlidingWindow)
    case averageGlobally
    case crop
    case multiply(Linear)
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
      let packing = PackedWeights.Packing(
        outputs: weight.shape[0], inputs: weight.shape[1], taps: window.kernel * window.kernel,
        lanes: sourceLanes)
      operation = .convolve(
        PackedWeights(weight, packing, direction: .forward, threadCount: threadCount),
        bias: ChannelVector(Tensor(shape: [bias.count], values: bias)), window: window)
    case .scale(let scale, let shift):
      operation = .scale(
        ChannelVector(Tensor(shape: [scale.count], values: scale)),
        shift: ChannelVector(Tensor(shape: [shift.count], values: shift)))
    case .pool(let kind, let window): operation = .pool(kind, window: window)
    case .averageGlobally: operation = .averageGlobally
    case .crop: operation = .crop
    case .multiply(let layer): operation = .multiply(layer)
    }
  }

  /// Makes the target of some images.
  func run(
    images: Int, source from: UnsafePointer<Float>, residual: UnsafePointer<Float>?,
    target to: UnsafeMutablePointer<Float>
  ) {
    switch operation {
    case .convolve(let weights, let bias, var window):
      convolve(images, from, residual, to, weights, bias, &window)
    case .scale(let scale, let shift):
      self.scale(images, from, residual, to, scale, shift)
    case .pool(let kind, let window):
      var (input, output) = (
        source.shape.layout(images: images), target.shape.layout(images: images)
      )
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
      var (input, output) = (
        source.shape.layout(images: images), target.shape.layout(images: images)
      )
      ck_copy_corner_f32(&input, &output, from, to)
    case .multiply(let layer):
      layer.apply(to: from, rows: images, into: to)
      if isRectified { ck_rectify_f32(images * layer.outputs, to, to) }
    }
  }

  private func convolve(
    _ images: Int, _ from: UnsafePointer<Float>, _ residual: UnsafePointer<Float>?,
    _ to: UnsafeMutablePointer<Float>, _ weights: PackedWeights, _ bias: ChannelVector,
    _ window: inout SlidingWindow
  ) {
    var input = source.shape.layout(images: images, lanes: sourceLanes)
    var output = target.shape.layout(images: images)
    var layout = window.layout
    var finish = ck_finish(
      bias: bias.address, residual: residual, rectified: isRectified ? 1 : 0)
    ck_convolve_f32(
      &input, &output, &layout, 0, PackedWeights.Packing.blocks(output.channels),
      weights.address, &finish, from, to)
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
