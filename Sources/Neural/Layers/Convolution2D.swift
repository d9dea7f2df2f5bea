// SPDX-License-Identifier: Apache-2.0
internal import CKernels

/// A two-dimensional convolution with a square kernel, zero padding and an optional bias.
///
/// Input `[batch, channels, rows, columns]`; weight `[output channels, input channels, kernel,
/// kernel]`.
package struct Convolution2D: Layer {
  /// What an output position reads.
  package let window: SlidingWindow
  /// The kernel, `[output channels, input channels, kernel, kernel]`.
  package var weight: Parameter
  /// One number an output channel, or nil.
  package var bias: Parameter?
  private var input: BlockedImages?

  /// Makes a convolution with given weights.
  package init(weight: Tensor, bias: Tensor? = nil, window: SlidingWindow) {
    precondition(
      weight.shape.count == 4 && weight.shape[2] == window.kernel
        && weight.shape[3] == window.kernel,
      "A convolution's weight is [outputs, inputs, kernel, kernel], not \(weight.shape).")
    self.weight = Parameter(weight)
    self.bias = bias.map { Parameter($0) }
    self.window = window
  }

  var inputChannels: Int { weight.value.shape[1] }
  var outputChannels: Int { weight.value.shape[0] }

  package func plan(_ plan: inout PlanBuilder) {
    plan.convolve(weight: weight.value, bias: bias?.value, window: window)
  }

  package mutating func forward(
    _ input: consuming Activations, options: PassOptions
  ) -> Activations {
    let images = input.images(
      lanes: BlockedLayout.fewestLanes(channels: inputChannels), threadCount: options.threadCount)
    let passes = passes(over: images, threadCount: options.threadCount)
    let output = passes.output(images, weight: weight.value, bias: bias?.value)
    self.input = images
    return .images(output)
  }

  package mutating func backward(
    _ outputGradient: consuming Activations, needsInputGradient: Bool, threadCount: Int
  ) -> Activations? {
    backward(
      outputGradient, plus: nil, needsInputGradient: needsInputGradient, threadCount: threadCount)
  }

  /// As above; `other` is what else the gradient of the input is to have.
  mutating func backward(
    _ outputGradient: consuming Activations, plus other: BlockedImages?, needsInputGradient: Bool,
    threadCount: Int
  ) -> Activations? {
    let input = kept(self.input.take())
    let gradient = outputGradient.images(threadCount: threadCount)
    let passes = passes(over: input, threadCount: threadCount)
    if bias != nil { addBiasGradient(gradient, threadCount: threadCount) }
    passes.addSlopes(input, outputGradient: gradient, to: &weight.gradient)
    guard needsInputGradient else { return nil }
    return .images(passes.inputGradient(of: gradient, weight: weight.value, plus: other))
  }

  package mutating func visitParameters(
    prefix: String, _ body: (_ name: String, _ parameter: inout Parameter) -> Void
  ) {
    body(prefix + "weight", &weight)
    if bias != nil {
      var taken = kept(bias.take())
      body(prefix + "bias", &taken)
      bias = taken
    }
  }

  private func passes(over images: BlockedImages, threadCount: Int) -> ConvolutionPasses {
    precondition(
      images.shape.channels == inputChannels,
      "The convolution takes \(inputChannels) channels, not \(images.shape.channels).")
    return ConvolutionPasses(
      input: images.layout, outputChannels: outputChannels, window: window,
      threadCount: threadCount)
  }

  private mutating func addBiasGradient(_ outputGradient: BlockedImages, threadCount: Int) {
    let origin = [Float](repeating: 0, count: Int(CK_LANES))
    let sums = outputGradient.withPointer { gradient in
      ChannelSums(over: outputGradient.layout, threadCount: threadCount) {
        vectors, offset, _, sums in
        ck_moments_f32(vectors, origin, gradient + offset, sums)
      }
    }
    bias?.gradient.withUnsafeMutableBufferPointer { gradient in
      for channel in gradient.indices { gradient[channel] += Float(sums.first[channel]) }
    }
  }
}
