// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Raster

/// The LR pixels of chips, as the model sees them: the right bands of a scene, on the lattice,
/// stretched to values from 0 to 255.
struct LowWindows: Sendable {
  let reading: SceneReading
  private let dataset: SharedDataset
  private let place: ScenePlace
  /// The scene's outline in the lattice's system.
  private let outline: ProjectedRegion
  private let around: ProjectedRectangle

  /// Prepares to read a scene.
  ///
  /// - Parameters:
  ///   - bands: from 1; all as they are when nil.
  ///   - name: what messages call the scene.
  /// - Throws: `ModelError` where scene, grid and model do not fit.
  init(
    _ dataset: SharedDataset, grid: ChipGrid, card: ModelCard, bands: [Int]?, stretch: Stretch?,
    name: String
  ) throws {
    self.dataset = dataset
    let layout = dataset.layout
    let colours = [String?](repeating: nil, count: layout.bandCount)
    place = try ScenePlace(layout, grid: grid, name: name)
    reading = try place.reading(
      bands: try card.bands(asked: bands, of: colours, name: name), stretch: stretch)
    outline = try layout.outline(in: grid.lattice.crs)
    around = outline.boundingRectangle ?? layout.extent
  }

  /// The type of the scene's samples.
  var pixelType: PixelType { dataset.layout.pixelType }

  /// Whether some of a chip may lie on the scene.
  func touches(_ chip: ChipIndex) -> Bool {
    let ground = place.grid.lattice.rectangle(of: chip)
    return ground.west < around.east && ground.east > around.west && ground.south < around.north
      && ground.north > around.south
  }

  /// The share of a chip that lies within the scene's outline, 0 to 1.
  func coveredShare(of chip: ChipIndex) -> Double {
    let ground = place.grid.lattice.rectangle(of: chip)
    return outline.areaSquareMetres(within: ground) / ground.areaSquareMetres
  }

  /// The pixels of chips, in order; what lies outside of the scene comes as pixels without values.
  func read(_ chips: [ChipIndex]) throws -> [Window<Float>] {
    try measured(chips).map { chosen in
      guard let stretch = reading.stretch else { return chosen }
      return Window(
        bandCount: chosen.bandCount, height: chosen.height, width: chosen.width,
        samples: stretch.values(chosen.samples, bandCount: chosen.bandCount).map(Float.init),
        validity: chosen.validity)
    }
  }

  /// The same before they are stretched.
  private func measured(_ chips: [ChipIndex]) throws -> [Window<Float>] {
    let resampling: Resampling
    switch reading.resampling {
    case .none:
      let windows: [Window<Float>] = try dataset.read(chips.compactMap(place.pixels))
      return windows.map { $0.bands(reading.bands) }
    case .average: resampling = .average
    case .bilinear: resampling = .bilinear
    }
    let side = place.grid.lowResolutionPixels
    return try dataset.read(
      onto: chips.map(place.grid.lattice.rectangle), crs: reading.latticeCRS, width: side,
      height: side, bands: .numbers(reading.bands), resampling: resampling)
  }
}
