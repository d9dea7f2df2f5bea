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
    let input: Tensor
    /// Where a ReLU cut off, its output is 0; nil without one.
    let output: Tensor?
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
    trackedBatchCount = Int(tracked[0])
  }

  package func evaluate(_ input: consuming Tensor, threadCount: Int) -> Tensor {
    let shape = checkedShape(of: input)
    let inverse = inverseDeviations(of: runningVariance.values)
    let maps = (0..<shape.channels).map {
      map($0, mean: runningMean[$0], inverse: inverse[$0])
    }
    input.withMutablePointer { values in
      Workers.forEachRange(count: shape.images, minimum: 1, threads: threadCount) { images in
        for plane in images.lowerBound * shape.channels..<images.upperBound * shape.channels {
          let place = values + plane * shape.planeCount
          maps[plane % shape.channels].apply(shape.planeCount, from: place, to: place)
        }
      }
    }
    return input
  }

  package mutating func forward(_ input: consuming Tensor, options: PassOptions) -> Tensor {
    let shape = checkedShape(of: input)
    let usesBatchStatistics = options.mode != .trainFrozen
    var mean = runningMean.values
    var variance = runningVariance.values
    let output = Tensor(shape: input.shape) { (target: UnsafeMutablePointer<Float>) in
      input.withPointer { source in
        mean.withUnsafeMutableBufferPointer { mean in
          variance.withUnsafeMutableBufferPointer { variance in
            Workers.forEachRange(
              count: shape.channels, minimum: 1, threads: options.threadCount
            ) { channels in
              for channel in channels {
                if usesBatchStatistics {
                  (mean[channel], variance[channel]) = Self.statistics(
                    of: source, channel: channel, shape: shape)
                }
                let map = map(
                  channel, mean: mean[channel],
                  inverse: 1 / (variance[channel] + epsilon).squareRoot())
                for image in 0..<shape.images {
                  let offset = image * shape.imageCount + channel * shape.planeCount
                  map.apply(shape.planeCount, from: source + offset, to: target + offset)
                }
              }
            }
          }
        }
      }
    }
    if options.mode == .train {
      updateStatistics(mean, variance, count: shape.images * shape.planeCount)
    }
    memory = Memory(
      input: input, output: isRectified ? output : nil, mean: mean,
      inverseDeviation: inverseDeviations(of: variance), usesBatchStatistics: usesBatchStatistics)
    return output
  }

  package mutating func backward(
    _ outputGradient: consuming Tensor, needsInputGradient: Bool, threadCount: Int
  ) -> Tensor? {
    let memory = kept(self.memory.take())
    let shape = checkedShape(of: outputGradient)
    var sums = [Double](repeating: 0, count: 2 * shape.channels)
    outputGradient.withMutablePointer { gradient in
      sums.withUnsafeMutableBufferPointer { sums in
        memory.input.withPointer { input in
          memory.output.withOptionalPointer { output in
            let planes = Planes(shape: shape, input: input, output: output, gradient: gradient)
            Workers.forEachRange(count: shape.channels, minimum: 1, threads: threadCount) {
              for channel in $0 {
                let sum = kept(sums.baseAddress) + 2 * channel
                planes.addSums(channel, mean: memory.mean[channel], into: sum)
                if needsInputGradient {
                  planes.propagate(
                    channel, mean: memory.mean[channel],
                    inverse: memory.inverseDeviation[channel], weight: weight.value[channel],
                    sums: memory.usesBatchStatistics ? (sum[0], sum[1]) : (0, 0))
                }
              }
            }
          }
        }
      }
    }
    for channel in 0..<shape.channels {
      bias.gradient[channel] += Float(sums[2 * channel])
      weight.gradient[channel] += Float(
        sums[2 * channel + 1] * Double(memory.inverseDeviation[channel]))
    }
    return needsInputGradient ? outputGradient : nil
  }

  /// The planes that one channel's backward pass reads and changes.
  private struct Planes {
    let shape: ImageShape
    let input: UnsafePointer<Float>
    let output: UnsafePointer<Float>?
    let gradient: UnsafeMutablePointer<Float>

    private func offset(_ channel: Int, _ image: Int) -> Int {
      image * shape.imageCount + channel * shape.planeCount
    }

    /// Stops the gradient where the ReLU did, and sums it plain and times the centred input.
    func addSums(_ channel: Int, mean: Float, into sums: UnsafeMutablePointer<Double>) {
      for image in 0..<shape.images {
        let offset = offset(channel, image)
        if let output {
          ck_rectify_gradient_f32(shape.planeCount, output + offset, gradient + offset)
        }
        ck_normalise_gradient_sums_f32(
          shape.planeCount, mean, input + offset, gradient + offset, sums)
      }
    }

    /// Turns the gradient of the output into that of the input.
    func propagate(
      _ channel: Int, mean: Float, inverse: Float, weight: Float, sums: (Double, Double)
    ) {
      let count = Double(shape.images * shape.planeCount)
      let scale = weight * inverse
      let slope = Float(Double(scale) * sums.1 * Double(inverse) * Double(inverse) / count)
      for image in 0..<shape.images {
        let offset = offset(channel, image)
        ck_normalise_gradient_f32(
          shape.planeCount, mean, scale, Float(sums.0 / count), slope, input + offset,
          gradient + offset)
      }
    }
  }

  private func checkedShape(of tensor: borrowing Tensor) -> ImageShape {
    let shape = ImageShape(tensor)
    precondition(
      shape.channels == weight.value.count,
      "The normalisation takes \(weight.value.count) channels, not \(shape.channels).")
    return shape
  }

  private func inverseDeviations(of variance: [Float]) -> [Float] {
    variance.map { 1 / ($0 + epsilon).squareRoot() }
  }

  /// What normalisation does to the numbers of one channel.
  private struct ChannelMap {
    let centre: Float
    let scale: Float
    let shift: Float
    let isRectified: Bool

    func apply(
      _ count: Int, from source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>
    ) {
      if isRectified {
        ck_normalise_rectified_f32(count, centre, scale, shift, source, target)
      } else {
        ck_normalise_f32(count, centre, scale, shift, source, target)
      }
    }
  }

  private func map(_ channel: Int, mean: Float, inverse: Float) -> ChannelMap {
    ChannelMap(
      centre: mean, scale: weight.value[channel] * inverse, shift: bias.value[channel],
      isRectified: isRectified)
  }

  /// The mean and the biased variance of one channel.
  private static func statistics(
    of source: UnsafePointer<Float>, channel: Int, shape: ImageShape
  ) -> (mean: Float, variance: Float) {
    let first = source + channel * shape.planeCount
    let count = Double(shape.images * shape.planeCount)
    var sum = 0.0
    for image in 0..<shape.images {
      sum += Double(ck_sum_f32(shape.planeCount, first + image * shape.imageCount))
    }
    let mean = Float(sum / count)
    var squares = 0.0
    for image in 0..<shape.images {
      squares += Double(
        ck_squared_deviation_f32(shape.planeCount, mean, first + image * shape.imageCount))
    }
    return (mean, Float(squares / count))
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

extension Tensor? {
  /// Calls `body` with the address of the elements, or with nil where there is no tensor.
  fileprivate func withOptionalPointer<Result>(
    _ body: (UnsafePointer<Float>?) -> Result
  ) -> Result {
    guard let self else { return body(nil) }
    return self.withPointer { body($0) }
  }
}
