// SPDX-License-Identifier: Apache-2.0
internal import CKernels

/// Two 3x3 convolutions around which the input is led past and added (He and others 2016).
///
/// Where the shape changes, a 1x1 convolution and a normalisation change the input's too.
package struct BasicBlock: Layer {
  private var body: Sequential
  private var shortcut: Sequential?
  private var output: Tensor?

  /// Makes a block from its convolutions; `shortcut` is nil where input and output agree.
  package init(_ first: Convolution2D, _ second: Convolution2D, shortcut: Convolution2D? = nil) {
    body = Sequential([
      .init("conv1", first),
      .init("bn1", BatchNorm2D(channels: first.outputChannels, isRectified: true)),
      .init("conv2", second),
      .init("bn2", BatchNorm2D(channels: second.outputChannels)),
    ])
    self.shortcut = shortcut.map {
      Sequential([.init("0", $0), .init("1", BatchNorm2D(channels: $0.outputChannels))])
    }
  }

  package func evaluate(_ input: consuming Tensor, threadCount: Int) -> Tensor {
    let input = input
    var sum = body.evaluate(input, threadCount: threadCount)
    let past = shortcut?.evaluate(input, threadCount: threadCount) ?? input
    Self.addRectified(past, to: &sum, threadCount: threadCount)
    return sum
  }

  package mutating func forward(_ input: consuming Tensor, options: PassOptions) -> Tensor {
    let input = input
    var sum = body.forward(input, options: options)
    let past = shortcut?.forward(input, options: options) ?? input
    Self.addRectified(past, to: &sum, threadCount: options.threadCount)
    output = sum
    return sum
  }

  package mutating func backward(
    _ outputGradient: consuming Tensor, needsInputGradient: Bool, threadCount: Int
  ) -> Tensor? {
    Self.rectify(&outputGradient, by: kept(output.take()), threadCount: threadCount)
    var sum = body.backward(
      copy outputGradient, needsInputGradient: needsInputGradient, threadCount: threadCount)
    let past =
      shortcut == nil
      ? outputGradient
      : shortcut?.backward(
        outputGradient, needsInputGradient: needsInputGradient, threadCount: threadCount)
    guard let past, needsInputGradient else { return nil }
    let count = past.count
    sum?.withMutablePointer { sum in
      past.withPointer { past in
        Workers.forEachRange(count: count, minimum: 16_384, threads: threadCount) {
          ck_add_f32($0.count, past + $0.lowerBound, sum + $0.lowerBound)
        }
      }
    }
    return sum
  }

  package mutating func visitParameters(
    prefix: String, _ body: (_ name: String, _ parameter: inout Parameter) -> Void
  ) {
    self.body.visitParameters(prefix: prefix, body)
    shortcut?.visitParameters(prefix: prefix + "downsample.", body)
  }

  package mutating func visitBuffers(
    prefix: String, _ body: (_ name: String, _ buffer: inout Tensor) -> Void
  ) {
    self.body.visitBuffers(prefix: prefix, body)
    shortcut?.visitBuffers(prefix: prefix + "downsample.", body)
  }

  private static func addRectified(
    _ past: borrowing Tensor, to sum: inout Tensor, threadCount: Int
  ) {
    precondition(past.shape == sum.shape, "The block's two ways differ in shape.")
    let count = sum.count
    sum.withMutablePointer { sum in
      past.withPointer { past in
        Workers.forEachRange(count: count, minimum: 16_384, threads: threadCount) {
          ck_add_rectified_f32($0.count, past + $0.lowerBound, sum + $0.lowerBound)
        }
      }
    }
  }

  private static func rectify(
    _ gradient: inout Tensor, by output: borrowing Tensor, threadCount: Int
  ) {
    let count = gradient.count
    gradient.withMutablePointer { gradient in
      output.withPointer { output in
        Workers.forEachRange(count: count, minimum: 16_384, threads: threadCount) {
          ck_rectify_gradient_f32($0.count, output + $0.lowerBound, gradient + $0.lowerBound)
        }
      }
    }
  }
}
