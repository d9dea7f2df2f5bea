// SPDX-License-Identifier: Apache-2.0

package import Platform

/// How training images are changed at random, so that each epoch sees them anew; each part can be
/// off.
public struct Augmentation: Sendable, Equatable, Codable {
  /// Mirroring rows and columns.
  public var flips: Bool
  /// Whether images have an upright side, as photographs have: they are mirrored left to right
  /// alone.
  public var upright: Bool
  /// Exchanging rows and columns; with flips, all eight ways to lay a square.
  public var transposes: Bool
  /// How far an image is moved each way at most, in HR pixels, mean colour coming in at the edges:
  /// pad and crop.
  ///
  /// Where LR pixels are looked at too, images move by whole LR pixels.
  public var cropPaddingPixels: Int
  /// How far contrast and brightness stray at most, as a share of a standard deviation.
  public var colourJitter: Double

  /// Creates an augmentation.
  public init(
    flips: Bool = true, upright: Bool = false, transposes: Bool = true,
    cropPaddingPixels: Int = 0, colourJitter: Double = 0
  ) {
    self.flips = flips
    self.upright = upright
    self.transposes = transposes
    self.cropPaddingPixels = cropPaddingPixels
    self.colourJitter = colourJitter
  }

  /// Images as they are.
  public static let none = Augmentation(flips: false, transposes: false)

  /// A random view.
  ///
  /// - Parameter step: the pixels that an image moves by at a time: the zoom, where LR pixels are
  ///   looked at.
  package func view(step: Int, using generator: inout SeededGenerator) -> ChipView {
    let bits = generator.next()
    var view = ChipView()
    // The bits of a way to lay a square: left to right, top to bottom, rows for columns.
    let allowed = (flips ? (upright ? 1 : 3) : 0) | (transposes && !upright ? 4 : 0)
    view.turned = Dihedral(index: Int(bits >> 61) & allowed)
    let reach = (cropPaddingPixels + step - 1) / step
    if reach > 0 {
      view.rowShift = step * Int.random(in: -reach...reach, using: &generator)
      view.columnShift = step * Int.random(in: -reach...reach, using: &generator)
    }
    if colourJitter > 0 {
      view.contrast = 1 + Float(colourJitter) * (2 * generator.uniform() - 1)
      view.brightness = Float(colourJitter) * (2 * generator.uniform() - 1)
    }
    return view
  }
}

/// What is as usual is left out.
extension Augmentation {
  private enum CodingKeys: String, CodingKey {
    case flips
    case upright
    case transposes
    case cropPaddingPixels = "crop_padding_px"
    case colourJitter = "colour_jitter"
  }

  /// Reads an augmentation.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    flips = try container.decode(Bool.self, forKey: .flips)
    upright = try container.decodeIfPresent(Bool.self, forKey: .upright) ?? false
    transposes = try container.decode(Bool.self, forKey: .transposes)
    cropPaddingPixels = try container.decode(Int.self, forKey: .cropPaddingPixels)
    colourJitter = try container.decode(Double.self, forKey: .colourJitter)
  }

  /// Writes the augmentation.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(flips, forKey: .flips)
    if upright { try container.encode(upright, forKey: .upright) }
    try container.encode(transposes, forKey: .transposes)
    try container.encode(cropPaddingPixels, forKey: .cropPaddingPixels)
    try container.encode(colourJitter, forKey: .colourJitter)
  }
}

/// How one image is shown: turned, then moved, then its colours changed.
package struct ChipView: Sendable, Equatable {
  /// How it is turned.
  package var turned = Dihedral.identity
  /// HR pixels that it moves up.
  package var rowShift = 0
  /// HR pixels that it moves to the left.
  package var columnShift = 0
  /// What normalised samples are multiplied by.
  package var contrast: Float = 1
  /// What is added to normalised samples.
  package var brightness: Float = 0

  /// As it is.
  package static let plain = ChipView()

  package init() {}

  /// The same view of an image whose pixels are `zoom` times as large.
  func coarser(by zoom: Int) -> ChipView {
    var view = self
    view.rowShift /= zoom
    view.columnShift /= zoom
    return view
  }
}
