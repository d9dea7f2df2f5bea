// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation
import Raster

/// An LR and an HR scene of the same ground with the truth of each chip: what lets the answers
/// of a job be scored.
///
/// ```swift
/// let pair = try ScenePair(low: lr, high: hr, truth: truth, card: bundle.card)
/// let evaluation = try Evaluation(bundle: bundle, chips: pair.chips)
/// ```
public struct ScenePair: Sendable {
  /// The chips whose truth is known, named by their place as `r3c4`.
  public let chips: LabelledChips
  /// The place of each chip in the scene's grid.
  public let places: [ChipIndex]

  /// Reads three rasters whose chips begin at the LR scene's north-west corner.
  ///
  /// - Parameters:
  ///   - truth: a pixel a chip, with the classes' names.
  ///   - bands: which bands of both scenes the model sees, from 1; all as they are when nil.
  ///   - stretch: what becomes 0 and 255 in both scenes, where they are not 8-bit.
  /// - Throws: `ModelError` where the rasters do not fit each other or the model; `RasterError`.
  public init(
    low: URL, high: URL, truth: URL, card: ModelCard, bands: [Int]? = nil, stretch: Stretch? = nil
  ) throws {
    let lowScene = try Dataset(trusted: low)
    let highScene = try Dataset(trusted: high)
    let truthMap = try Dataset(trusted: truth)
    let design = card.design
    let sight = Sight(bands: bands, stretch: stretch)
    guard let table = truthMap.classes else {
      throw ModelError.unlikeModel(
        what: "truth \(truth.lastPathComponent)", expected: "classes named CLASS_00, CLASS_01, ...",
        found: "a raster without class names")
    }
    let distance = design.groundSampleDistanceMetres
    let layouts = [
      (low, lowScene.layout, distance * Double(design.zoom), design.lowResolutionPixels),
      (high, highScene.layout, distance, design.chipPixels),
      (truth, truthMap.layout, distance * Double(design.chipPixels), 1),
    ]
    let rows = truthMap.layout.height
    let columns = truthMap.layout.width
    for (url, layout, pixelSize, side) in layouts {
      let expected = RasterLayout(
        width: columns * side, height: rows * side, bandCount: layout.bandCount,
        pixelType: layout.pixelType, crs: lowScene.layout.crs,
        transform: GeoTransform(
          originX: lowScene.layout.transform.originX, originY: lowScene.layout.transform.originY,
          pixelSize: pixelSize))
      if url != truth { try sight.check(layout, of: url, card: card) }
      guard url != truth || layout.pixelType == .uint8, layout.covers(expected) else {
        throw ModelError.unlikeModel(
          what: "layout of \(url.lastPathComponent)", expected: expected.inWords,
          found: layout.inWords)
      }
    }
    var samples = Samples()
    let corner = Self.corner(of: lowScene.layout, card: card)
    for row in 0..<rows {
      for column in 0..<columns {
        let truthPixel: Window<UInt8> = try truthMap.read(
          PixelRect(column: column, row: row, width: 1, height: 1))
        let label = Int(truthPixel.samples[0])
        guard truthPixel.validity[0], label < table.names.count else { continue }
        func chip(_ side: Int) -> PixelRect {
          PixelRect(column: column * side, row: row * side, width: side, height: side)
        }
        samples.places.append(
          ChipIndex(column: corner.column + column, row: corner.row + row))
        samples.labels.append(label)
        samples.low += try sight.read(chip(design.lowResolutionPixels), of: lowScene)
        samples.high += try sight.read(chip(design.chipPixels), of: highScene)
      }
    }
    places = samples.places
    chips = LabelledChips(
      classes: table.names, paths: places.map(\.description), labels: samples.labels,
      splits: places.map { _ in .val }, high: samples.high, low: samples.low,
      bandCount: bands?.count ?? highScene.layout.bandCount, side: design.chipPixels,
      zoom: design.zoom)
  }

  /// The north-western chip's place on the lattice that a job has with the grid origin `scene`.
  private static func corner(of layout: RasterLayout, card: ModelCard) -> ChipIndex {
    let point = ProjectedPoint(x: layout.extent.west, y: layout.extent.north)
    let lattice = card.chipGrid(crs: layout.crs, origin: .scene, sceneCorner: point).lattice
    let side = lattice.chipSideMetres
    return ChipIndex(
      column: Int(((point.x - Double(lattice.originXMicrometres) / 1e6) / side).rounded()),
      row: Int(((Double(lattice.originYMicrometres) / 1e6 - point.y) / side).rounded()))
  }

  /// How both scenes become what the model sees.
  private struct Sight {
    let bands: [Int]?
    let stretch: Stretch?

    /// Throws where the bands are not there, or the numbers need a stretch that nobody named.
    func check(_ layout: RasterLayout, of url: URL, card: ModelCard) throws {
      let (name, count) = (url.lastPathComponent, layout.bandCount)
      if let bands {
        _ = try card.bands(asked: bands, of: [String?](repeating: nil, count: count), name: name)
      }
      guard layout.pixelType != .uint8, stretch == nil else { return }
      let (seen, sample) = (bands ?? Array(1...count), try ValueSample(of: url))
      guard let range = sample.range(bands: seen), let suggestion = sample.stretch(bands: seen)
      else {
        throw RasterError.values(reason: "not one pixel of \(name) has a value")
      }
      throw ModelError.needsStretch(
        scene: name, least: range.lowerBound, most: range.upperBound, suggestion: suggestion)
    }

    func read(_ rect: PixelRect, of scene: borrowing Dataset) throws -> [UInt8] {
      let selection = bands.map(BandSelection.numbers) ?? .all
      guard let stretch else {
        return try scene.read(rect, bands: selection, as: UInt8.self).samples
      }
      let window: Window<Float> = try scene.read(rect, bands: selection)
      guard stretch.fits(bandCount: window.bandCount) else {
        throw ModelError.stretchCount(found: stretch.ranges.count, bandCount: window.bandCount)
      }
      return stretch.values(window.samples, bandCount: window.bandCount)
    }
  }

  private struct Samples {
    var places: [ChipIndex] = []
    var labels: [Int] = []
    var low: [UInt8] = []
    var high: [UInt8] = []
  }
}

extension RasterLayout {
  /// Whether this raster has the place and the pixels of another.
  fileprivate func covers(_ other: RasterLayout) -> Bool {
    let tolerance = other.transform.pixelSize / 1000
    return width == other.width && height == other.height && crs == other.crs
      && abs(transform.originX - other.transform.originX) < tolerance
      && abs(transform.originY - other.transform.originY) < tolerance
      && abs(transform.pixelSize - other.transform.pixelSize) * Double(width) < tolerance
  }

  fileprivate var inWords: String {
    "\(width) x \(height) pixels of \(transform.pixelSize) m from \(transform.originX), "
      + "\(transform.originY) in \(crs)"
  }
}
