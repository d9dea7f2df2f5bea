// SPDX-License-Identifier: Apache-2.0
internal import CKernels

/// A two-dimensional convolution with a square kernel, zero padding and an optional bias.
///
/// Input `[batch, channels, rows, columns]`; weight `[output channels, input channels, kernel,
/// kernel]`. An image's windows are unrolled into a matrix and multiplied by the weights; the
/// work is split over images.
package struct Convolution2D: Layer {
  /// What an output position reads.
  package struct Window: Sendable, Equatable {
    /// The kernel's side in pixels.
    package var kernel: Int
    /// The distance between windows in pixels.
    package var stride: Int
    /// How many zeros surround the image on each side.
    package var padding: Int

    /// Makes a window; by default every pixel has one that is centred on it.
    package init(kernel: Int, stride: Int = 1, padding: Int? = nil) {
      self.kernel = kernel
      self.stride = stride
      self.padding = padding ?? kernel / 2
    }
  }

  /// What an output position reads.
  package let window: Window
  /// The kernel, `[output channels, input channels, kernel, kernel]`.
  package var weight: Parameter
  /// One number an output channel, or nil.
  package var bias: Parameter?
  private var input: Tensor?

  /// Makes a convolution with given weights.
  package init(weight: Tensor, bias: Tensor? = nil, window: Window) {
    precondition(
      weight.shape.count == 4 && weight.shape[2] == window.kernel
        && weight.shape[3] == window.kernel,
      "A convolution's weight is [outputs, inputs, kernel, kernel], not \(weight.shape).")
    precondition(
      window.stride > 0 && window.padding >= 0, "A convolution needs a positive stride.")
    self.weight = Parameter(weight)
    self.bias = bias.map { Parameter($0) }
    self.window = window
  }

  var inputChannels: Int { weight.value.shape[1] }
  var outputChannels: Int { weight.value.shape[0] }

  package func evaluate(_ input: consuming Tensor, threadCount: Int) -> Tensor {
    convolved(input, threadCount: threadCount)
  }

  package mutating func forward(_ input: consuming Tensor, options: PassOptions) -> Tensor {
    let output = convolved(input, threadCount: options.threadCount)
    self.input = input
    return output
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

  package mutating func backward(
    _ outputGradient: consuming Tensor, needsInputGradient: Bool, threadCount: Int
  ) -> Tensor? {
    let input = kept(self.input.take())
    if bias != nil { addBiasGradient(outputGradient, threadCount: threadCount) }
    if let direct = DirectConvolution(
      input: ImageShape(input), layer: self, threadCount: threadCount)
    {
      return direct.backward(
        input: input, outputGradient: outputGradient, needsInputGradient: needsInputGradient,
        into: &weight.gradient)
    }
    return UnrolledConvolution(
      input: ImageShape(input), layer: self, threadCount: threadCount
    ).backward(
      input: input, outputGradient: outputGradient, needsInputGradient: needsInputGradient,
      into: &weight.gradient)
  }

  private func convolved(_ input: borrowing Tensor, threadCount: Int) -> Tensor {
    let shape = ImageShape(input)
    let direct = DirectConvolution(input: shape, layer: self, threadCount: threadCount)
    var output =
      direct?.output(input)
      ?? UnrolledConvolution(input: shape, layer: self, threadCount: threadCount).output(input)
    addBias(to: &output)
    return output
  }

  private func addBias(to output: inout Tensor) {
    guard let bias else { return }
    let shape = ImageShape(output)
    output.withMutablePointer { output in
      for plane in 0..<shape.images * shape.channels {
        ck_add_constant_f32(
          shape.planeCount, bias.value[plane % shape.channels], output + plane * shape.planeCount)
      }
    }
  }

  private mutating func addBiasGradient(_ outputGradient: borrowing Tensor, threadCount: Int) {
    let shape = ImageShape(outputGradient)
    var sums = [Double](repeating: 0, count: shape.channels)
    outputGradient.withPointer { gradient in
      for plane in 0..<shape.images * shape.channels {
        sums[plane % shape.channels] += Double(
          ck_sum_f32(shape.planeCount, gradient + plane * shape.planeCount))
      }
    }
    bias?.gradient.withUnsafeMutableBufferPointer { gradient in
      for channel in sums.indices { gradient[channel] += Float(sums[channel]) }
    }
  }
}
