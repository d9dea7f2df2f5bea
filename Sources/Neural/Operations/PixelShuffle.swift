// SPDX-License-Identifier: Apache-2.0

/// Channels laid out as pixels (Shi and others 2016), or pixels as channels.
///
/// A block of factor x factor pixels stands, row by row, for a run of factor^2 channels.
public struct PixelShuffle: DifferentiableOperation, Equatable {
  /// Which way numbers move.
  public enum Direction: Sendable, Equatable, CaseIterable {
    /// `[batch, channels * factor^2, rows, columns]` to
    /// `[batch, channels, rows * factor, columns * factor]`.
    case channelsToPixels
    /// `[batch, channels, rows * factor, columns * factor]` to
    /// `[batch, channels * factor^2, rows, columns]`: pixel unshuffle.
    case pixelsToChannels
  }

  /// The side of a block.
  public let factor: Int
  /// Which way numbers move.
  public let direction: Direction

  /// Makes the operation for one factor and direction.
  public init(factor: Int, direction: Direction = .channelsToPixels) {
    precondition(factor > 0, "A block of pixels cannot have the side \(factor).")
    self.factor = factor
    self.direction = direction
  }

  /// The same numbers in their new places.
  public func evaluate(_ input: Tensor, threadCount: Int) -> Tensor {
    let shape = ImageShape(input)
    switch direction {
    case .channelsToPixels:
      precondition(
        shape.channels.isMultiple(of: factor * factor),
        "\(shape.channels) channels cannot be laid out in blocks of side \(factor).")
      let wide = [
        shape.images, shape.channels / (factor * factor), shape.height * factor,
        shape.width * factor,
      ]
      return moved(input, to: wide, wide: wide, threadCount: threadCount)
    case .pixelsToChannels:
      precondition(
        shape.height.isMultiple(of: factor) && shape.width.isMultiple(of: factor),
        "\(shape.height) x \(shape.width) pixels cannot be cut into blocks of side \(factor).")
      let deep = [
        shape.images, shape.channels * factor * factor, shape.height / factor,
        shape.width / factor,
      ]
      return moved(input, to: deep, wide: input.shape, threadCount: threadCount)
    }
  }

  /// The gradient with respect to the input: the numbers back in their old places.
  public func gradient(
    _ outputGradient: Tensor, at input: Tensor, threadCount: Int
  ) -> Tensor {
    let back: Direction =
      direction == .channelsToPixels ? .pixelsToChannels : .channelsToPixels
    let result = PixelShuffle(factor: factor, direction: back)
      .evaluate(outputGradient, threadCount: threadCount)
    checkGradient(result, isOf: input.shape)
    return result
  }

  /// - Parameter wide: the shape of the side whose blocks lie as pixels.
  private func moved(
    _ input: Tensor, to shape: [Int], wide: [Int], threadCount: Int
  ) -> Tensor {
    let planes = wide[0] * wide[1]
    let (height, width) = (wide[2] / factor, wide[3] / factor)
    let planeCount = wide[2] * wide[3]
    guard planes * planeCount > 0 else { return Tensor(shape: shape) }
    return Tensor(
      shape: shape,
      fillPointer: { target in
        input.withPointer { source in
          Workers.forEachRange(count: planes, minimum: 1, threads: threadCount) { range in
            for plane in range {
              let (from, to) = (source + plane * planeCount, target + plane * planeCount)
              for channel in 0..<factor * factor {
                for row in 0..<height {
                  let deep = (channel * height + row) * width
                  let wide = (row * factor + channel / factor) * width * factor + channel % factor
                  for column in 0..<width {
                    switch direction {
                    case .channelsToPixels: to[wide + column * factor] = from[deep + column]
                    case .pixelsToChannels: to[deep + column] = from[wide + column * factor]
                    }
                  }
                }
              }
            }
          }
        }
      })
  }
}
