// SPDX-License-Identifier: Apache-2.0
internal import CKernels

/// Batch normalisation of images, one mean and variance a channel (Ioffe and Szegedy 2015), and
/// with `isRectified` the ReLU behind it in the same loop.
///
/// The running statistics follow PyTorch: an exponential average in which a batch counts
/// `momentum`, of the unbiased variance.
package struct BatchNorm2D: Layer {
  /// The scale, `[channels]`.
  package var weight: Parameter
  /// The shift, `[channels]`.
  package var bias: Parameter
  /// The running mean, `[channels]`.
  package var runningMean: Tensor
  /// The running unbiased variance, `[channels]`.
  package var runningVariance: Tensor
  /// How many batches the running statistics have seen.
  package private(set) var trackedBatchCount = 0
  /// What is added to a variance before its root is taken.
  package let epsilon: Float
  /// A batch's share of the running statistics.
  package let momentum: Float
  /// Whether negative results become 0.
  package let isRectified: Bool
  private var memory: Memory?

  /// What backward needs of forward.
  private struct Memory {
    let input: BlockedImages
    /// Where a ReLU cut off, its output is 0; nil without one.
    let output: BlockedImages?
    let mean: [Float]
    let inverseDeviation: [Float]
    let usesBatchStatistics: Bool
  }

  /// Makes a normalisation of `channels` channels with scale 1 and shift 0.
  package init(
    channels: Int, isRectified: Bool = false, epsilon: Float = 1e-5, momentum: Float = 0.1
  ) {
    weight = Parameter(Tensor(shape: [channels], repeating: 1))
    bias = Parameter(Tensor(shape: [channels]))
    runningMean = Tensor(shape: [channels])
    runningVariance = Tensor(shape: [channels], repeating: 1)
    self.epsilon = epsilon
    self.momentum = momentum
    self.isRectified = isRectified
  }

  package mutating func visitParameters(
    prefix: String, _ body: (_ name: String, _ parameter: inout Parameter) -> Void
  ) {
    body(prefix + "weight", &weight)
    body(prefix + "bias", &bias)
  }

  package mutating func visitBuffers(
    prefix: String, _ body: (_ name: String, _ buffer: inout Tensor) -> Void
  ) {
    body(prefix + "running_mean", &runningMean)
    body(prefix + "running_var", &runningVariance)
    var tracked = Tensor(shape: [], repeating: Float(trackedBatchCount))
    body(prefix + "num_batches_tracked", &tracked)
    trackedBatchCount = Int(exactly: tracked[0]) ?? trackedBatchCount
  }

  package func plan(_ plan: inout PlanBuilder) {
    self.plan(&plan, plus: nil)
  }

  /// Adds to a plan the normalisation, the sum with another value, and the ReLU.
  func plan(_ plan: inout PlanBuilder, plus residual: PlanBuilder.Value?) {
    let inverse = inverseDeviations(of: runningVariance.values)
    let scale = zip(weight.value.values, inverse).map { $0 * $1 }
    let shift = bias.value.values.indices.map { bias.value[$0] - runningMean[$0] * scale[$0] }
    plan.scale(by: scale, shift: shift)
    if let residual { plan.add(residual) }
    if isRectified { plan.rectify() }
  }

  package mutating func forward(
    _ input: consuming Activations, options: PassOptions
  ) -> Activations {
    .images(
      normalise(input.images(threadCount: options.threadCount), plus: nil, options: options))
  }

  /// Normalises, adds a residual of the same shape, and then rectifies where the layer does.
  mutating func normalise(
    _ input: BlockedImages, plus residual: BlockedImages?, options: PassOptions
  ) -> BlockedImages {
    precondition(
      input.shape.channels == weight.value.count,
      "The normalisation takes \(weight.value.count) channels, not \(input.shape.channels).")
    let usesBatchStatistics = options.mode != .trainFrozen
    var (mean, variance) = (runningMean.values, runningVariance.values)
    if usesBatchStatistics {
      (mean, variance) = statistics(of: input, threadCount: options.threadCount)
    }
    let inverse = inverseDeviations(of: variance)
    let maps = channelMaps(mean: mean, inverse: inverse)
    var output = BlockedImages(shape: input.shape)
    let layout = input.layout
    output.withMutablePointer { output in
      input.withPointer { input in
        layout.forEachBlock(threadCount: options.threadCount) { vectors, offset, block, _ in
          withUnsafePointer(to: maps[block]) { map in
            let residual = residual?.withPointer { $0 + offset }
            ck_normalise_f32(
              vectors, map, input + offset, residual, isRectified ? 1 : 0, output + offset)
          }
        }
      }
    }
    if options.mode == .train {
      updateStatistics(mean, variance, count: input.shape.images * input.shape.planeCount)
    }
    memory = Memory(
      input: input, output: isRectified ? output : nil, mean: mean, inverseDeviation: inverse,
      usesBatchStatistics: usesBatchStatistics)
    return output
  }

  package mutating func backward(
    _ outputGradient: consuming Activations, needsInputGradient: Bool, threadCount: Int
  ) -> Activations? {
    var gradient = outputGradient.images(threadCount: threadCount)
    let slope = rectify(&gradient, threadCount: threadCount)
    guard needsInputGradient else { return nil }
    slope.propagate(&gradient, threadCount: threadCount)
    return .images(gradient)
  }

  /// The first half of backward: stops the gradient where the ReLU did, and adds to the parameters'.
  ///
  /// What is left of the gradient is a residual's too.
  mutating func rectify(_ gradient: inout BlockedImages, threadCount: Int) -> NormalisationSlope {
    let memory = kept(self.memory.take())
    let mean = ChannelVector(Tensor(shape: [memory.mean.count], values: memory.mean))
    let layout = gradient.layout
    let sums = gradient.withMutablePointer { gradient in
      memory.input.withPointer { input in
        ChannelSums(over: layout, threadCount: threadCount) { vectors, offset, channel, sums in
          let output = memory.output?.withPointer { $0 + offset }
          ck_normalise_back_sums_f32(
            vectors, mean.address + channel, input + offset, output, gradient + offset, sums)
        }
      }
    }
    var maps = channelMaps(mean: memory.mean, inverse: memory.inverseDeviation)
    var tilts = [Float](repeating: 0, count: maps.count * layout.lanes)
    let count = Double(layout.shape.images * layout.shape.planeCount)
    maps.forEachChannel { channel, map in
      map.shift = 0
      guard channel < memory.mean.count else { return }
      let inverse = Double(memory.inverseDeviation[channel])
      bias.gradient[channel] += Float(sums.first[channel])
      weight.gradient[channel] += Float(sums.second[channel] * inverse)
      guard memory.usesBatchStatistics else { return }
      map.shift = Float(sums.first[channel] / count)
      tilts[channel] = Float(
        Double(map.scale) * sums.second[channel] * inverse * inverse / count)
    }
    return NormalisationSlope(input: memory.input, maps: maps, tilts: tilts)
  }

  // MARK: Channels

  private func inverseDeviations(of variance: [Float]) -> [Float] {
    variance.map { 1 / ($0 + epsilon).squareRoot() }
  }

  private func channelMaps(mean: [Float], inverse: [Float]) -> [ck_channel_map] {
    var maps = [ck_channel_map](
      repeating: ck_channel_map(), count: PackedWeights.Packing.blocks(mean.count))
    maps.forEachChannel { channel, map in
      guard channel < mean.count else { return }
      map = .init(
        centre: mean[channel], scale: weight.value[channel] * inverse[channel],
        shift: bias.value[channel])
    }
    return maps
  }

  /// The mean and the biased variance of each channel.
  private func statistics(
    of input: BlockedImages, threadCount: Int
  ) -> (mean: [Float], variance: [Float]) {
    // Deviations from any value near the mean give the variance without cancellation; each
    // channel's first pixel is such a value.
    let (layout, lanes, blocks) = (input.layout, input.layout.lanes, input.layout.blockCount)
    let centre = AlignedFloats(count: blocks * lanes)
    input.withPointer { start in
      for block in 0..<blocks {
        (centre.address + block * lanes).update(
          from: start + block * layout.vectorCount(ofGroup: 0) * lanes, count: lanes)
      }
    }
    let sums = input.withPointer { input in
      ChannelSums(over: layout, threadCount: threadCount) { vectors, offset, channel, sums in
        ck_moments_f32(vectors, centre.address + channel, input + offset, sums)
      }
    }
    let count = Double(input.shape.images * input.shape.planeCount)
    let channels = 0..<input.shape.channels
    let offsets = channels.map { sums.first[$0] / count }
    return (
      channels.map { Float(Double(centre.address[$0]) + offsets[$0]) },
      channels.map { Float(max(sums.second[$0] / count - offsets[$0] * offsets[$0], 0)) }
    )
  }

  private mutating func updateStatistics(_ mean: [Float], _ variance: [Float], count: Int) {
    let unbiased = count > 1 ? Float(count) / Float(count - 1) : 1
    for channel in mean.indices {
      runningMean[channel] += momentum * (mean[channel] - runningMean[channel])
      runningVariance[channel] +=
        momentum * (variance[channel] * unbiased - runningVariance[channel])
    }
    trackedBatchCount += 1
  }
}
