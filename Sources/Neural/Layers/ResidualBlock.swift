// SPDX-License-Identifier: Apache-2.0

/// Convolutions around which the input is led past and added (He and others 2016): two of 3x3 in a
/// basic block, three of 1x1, 3x3 and 1x1 in a bottleneck.
///
/// Where the shape changes, a 1x1 convolution and a normalisation change the input's too. Where
/// convolutions without padding make images smaller, what is led past loses as many rows and
/// columns at the bottom and the right (Brendel and Bethge 2019).
package struct ResidualBlock: Layer {
  /// A convolution and its normalisation.
  private struct Step: Sendable {
    var convolution: Convolution2D
    var normalisation: BatchNorm2D
  }

  private var steps: [Step]
  private var shortcut: Step?
  /// The shape of what is led past, before it is cropped.
  private var pastShape: ImageShape?

  /// Makes a block from its convolutions; `shortcut` is nil where input and output agree.
  package init(_ convolutions: [Convolution2D], shortcut: Convolution2D? = nil) {
    precondition(!convolutions.isEmpty, "A residual block has a convolution.")
    steps = convolutions.map {
      Step(
        convolution: $0,
        normalisation: BatchNorm2D(channels: $0.outputChannels, isRectified: true))
    }
    self.shortcut = shortcut.map {
      Step(convolution: $0, normalisation: BatchNorm2D(channels: $0.outputChannels))
    }
  }

  package func plan(_ plan: inout PlanBuilder) {
    let input = plan.value
    for step in steps.dropLast() {
      step.convolution.plan(&plan)
      step.normalisation.plan(&plan)
    }
    guard let last = steps.last else { return }
    let inner = plan.value
    let window = last.convolution.window
    let (_, height, width) = plan.imageShape
    plan.value = input
    shortcut?.convolution.plan(&plan)
    shortcut?.normalisation.plan(&plan)
    plan.crop(height: window.outputLength(of: height), width: window.outputLength(of: width))
    let past = plan.value
    plan.value = inner
    last.convolution.plan(&plan)
    last.normalisation.plan(&plan, plus: past)
  }

  package mutating func forward(
    _ input: consuming Activations, options: PassOptions
  ) -> Activations {
    let input = input.images(threadCount: options.threadCount)
    var past = input
    if shortcut != nil {
      var taken = kept(shortcut.take())
      let shaped = taken.convolution.forward(.images(input), options: options)
      past = taken.normalisation.forward(shaped, options: options)
        .images(threadCount: options.threadCount)
      shortcut = taken
    }
    pastShape = past.shape
    var value = Activations.images(input)
    for index in steps.indices {
      let sums = steps[index].convolution.forward(consume value, options: options)
        .images(threadCount: options.threadCount)
      let isLast = index == steps.count - 1
      if isLast { past = past.cropped(to: sums.shape, threadCount: options.threadCount) }
      value = .images(
        steps[index].normalisation.normalise(sums, plus: isLast ? past : nil, options: options))
    }
    return value
  }

  package mutating func backward(
    _ outputGradient: consuming Activations, needsInputGradient: Bool, threadCount: Int
  ) -> Activations? {
    var past = outputGradient.images(threadCount: threadCount)
    let last = steps.count - 1
    let slope = steps[last].normalisation.rectify(&past, threadCount: threadCount)
    var gradient = Activations.images(slope.inputGradient(of: past, threadCount: threadCount))
    for index in steps.indices.dropFirst().reversed() {
      gradient = kept(
        steps[index].convolution.backward(
          consume gradient, needsInputGradient: true, threadCount: threadCount))
      gradient = kept(
        steps[index - 1].normalisation.backward(
          consume gradient, needsInputGradient: true, threadCount: threadCount))
    }
    var other: BlockedImages? = (consume past).padded(
      to: kept(pastShape.take()), threadCount: threadCount)
    if shortcut != nil {
      var taken = kept(shortcut.take())
      let led = Activations.images(kept(other.take()))
      let shaped = taken.normalisation.backward(
        consume led, needsInputGradient: true, threadCount: threadCount)
      other = taken.convolution.backward(
        kept(shaped), needsInputGradient: needsInputGradient, threadCount: threadCount
      )?.images(threadCount: threadCount)
      shortcut = taken
    }
    return steps[0].convolution.backward(
      gradient, plus: other, needsInputGradient: needsInputGradient, threadCount: threadCount)
  }

  package mutating func visitParameters(
    prefix: String, _ body: (_ name: String, _ parameter: inout Parameter) -> Void
  ) {
    for index in steps.indices {
      steps[index].convolution.visitParameters(prefix: "\(prefix)conv\(index + 1).", body)
      steps[index].normalisation.visitParameters(prefix: "\(prefix)bn\(index + 1).", body)
    }
    guard var step = shortcut.take() else { return }
    step.convolution.visitParameters(prefix: "\(prefix)downsample.0.", body)
    step.normalisation.visitParameters(prefix: "\(prefix)downsample.1.", body)
    shortcut = step
  }

  package mutating func visitBuffers(
    prefix: String, _ body: (_ name: String, _ buffer: inout Tensor) -> Void
  ) {
    for index in steps.indices {
      steps[index].normalisation.visitBuffers(prefix: "\(prefix)bn\(index + 1).", body)
    }
    guard var step = shortcut.take() else { return }
    step.normalisation.visitBuffers(prefix: "\(prefix)downsample.1.", body)
    shortcut = step
  }
}
