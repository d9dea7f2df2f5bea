// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Raster

/// The pictures of the page, as `data:` URIs.
struct ReportPictures: Sendable {
  /// The LR scene with the patches marked.
  let purchase: String
  /// The HR patches over the dimmed LR scene.
  let mosaic: String
  /// The classes.
  let classes: String
  let width: Int
  let height: Int

  /// The colour of bought patches: strong beside greens, browns and blues, and for most eyes.
  static let boughtColour = Colour(red: 255, green: 122, blue: 0)
  /// The colour of patches that were owned before.
  static let ownedColour = Colour(red: 64, green: 190, blue: 255)
  /// What a picture shows where the scene has nothing.
  static let paper = Colour(red: 244, green: 244, blue: 242)
  /// What the class map shows for a chip without an answer.
  static let missing = Colour(red: 214, green: 214, blue: 210)

  /// The LR scene, faded so that pixels laid over it stand out.
  static func dimmed(_ scene: Picture) -> Picture {
    var picture = scene
    picture.map { $0.mixed(with: $0.grey, share: 0.7).mixed(with: paper, share: 0.7) }
    return picture
  }

  /// Makes the pictures that need no more pixels.
  init(
    scene: Picture, mosaic: Picture, chips: [ReportChip], classes table: ClassTable
  ) throws(RasterError) {
    var purchase = scene
    purchase.mark(chips, colour: Self.ownedColour, veil: 0.18) { $0.owned }
    purchase.mark(chips, colour: Self.boughtColour, veil: 0.18) { $0.bought }
    var classes = Picture(of: scene.frame, colour: Colour(red: 255, green: 255, blue: 255))
    classes.fill(chips, classes: table, missing: Self.missing)
    self.purchase = try purchase.dataURI()
    self.mosaic = try mosaic.dataURI()
    self.classes = try classes.dataURI()
    width = scene.width
    height = scene.height
  }
}
