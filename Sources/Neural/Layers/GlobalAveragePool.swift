// SPDX-License-Identifier: Apache-2.0
internal import CKernels

/// The mean over each channel of an image: from `[batch, channels, rows, columns]` to `[batch,
/// channels]`.
package struct GlobalAveragePool: Layer {
  private var inputShape: ImageShape?

  /// Makes the layer; it has no weights.
  package init() {}

  package func plan(_ plan: inout PlanBuilder) {
    plan.averageGlobally()
  }

  package mutating func forward(
    _ input: consuming Activations, options: PassOptions
  ) -> Activations {
    let input = input.images(threadCount: options.threadCount)
    let shape = input.shape
    inputShape = shape
    return .plain(
      Tensor(shape: [shape.images, shape.channels]) { (rows: UnsafeMutablePointer<Float>) in
        input.withPointer { source in
          Workers.forEach(pieces: input.layout.groupCount, threads: options.threadCount) { group in
            var layout = input.layout.group(group)
            ck_global_mean_f32(
              &layout, source + input.layout.offset(ofGroup: group),
              rows + input.layout.images(ofGroup: group).lowerBound * shape.channels)
          }
        }
      })
  }

  package mutating func backward(
    _ outputGradient: consuming Activations, needsInputGradient: Bool, threadCount: Int
  ) -> Activations? {
    let shape = kept(inputShape.take())
    guard needsInputGradient else { return nil }
    let rows = outputGradient.tensor(threadCount: threadCount)
    var inputGradient = BlockedImages(shape: shape)
    let images = inputGradient.layout
    inputGradient.withMutablePointer { target in
      rows.withPointer { rows in
        Workers.forEach(pieces: images.groupCount, threads: threadCount) { group in
          var layout = images.group(group)
          ck_global_mean_back_f32(
            &layout, rows + images.images(ofGroup: group).lowerBound * shape.channels,
            target + images.offset(ofGroup: group))
        }
      }
    }
    return .images(inputGradient)
  }
}
