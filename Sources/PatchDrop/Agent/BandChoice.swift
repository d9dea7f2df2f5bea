// SPDX-License-Identifier: Apache-2.0

import Raster

extension ModelCard {
  /// The scene's bands that the model sees, from 1, in the order of the model's own.
  ///
  /// What a person asked for goes first. Else, where the model's bands are colours and the scene
  /// says which of its bands have them, those are taken; else all of its bands, where there are as
  /// many as the model's.
  ///
  /// - Parameters:
  ///   - asked: what a person asked for; repeats are allowed, such as 1, 1, 1 for radar.
  ///   - colours: the scene's bands, each with its colour where the file tells.
  ///   - name: what messages call the scene.
  /// - Throws: `ModelError.bands`, which lists the scene's bands and shows the option to give.
  public func bands(
    asked: [Int]?, of colours: [String?], name: String
  ) throws(ModelError) -> [Int] {
    let wanted = design.bands
    func refusal(_ reason: String) -> ModelError {
      let listed = colours.enumerated().map {
        "\($0.offset + 1)\($0.element.map { " \($0)" } ?? "")"
      }
      let example = (1...wanted.count).map { String(min($0, colours.count)) }
      return .bands(
        scene: name, reason: reason,
        remedy: "The scene's bands are \(listed.joined(separator: ", ")), and the model wants "
          + "\(wanted.joined(separator: ", ")): say which they are, as in --bands "
          + "\(example.joined(separator: ",")).")
    }
    guard let asked else {
      let byColour = wanted.compactMap { band in
        colours.firstIndex { $0?.lowercased() == band.lowercased() }.map { $0 + 1 }
      }
      if byColour.count == wanted.count { return byColour }
      guard colours.count == wanted.count else {
        throw refusal(
          "\(name) has \(Self.counted(colours.count)), and the model sees \(wanted.count)")
      }
      return Array(1...wanted.count)
    }
    guard asked.count == wanted.count else {
      throw refusal("\(Self.counted(asked.count)) were named, and the model sees \(wanted.count)")
    }
    if let unknown = asked.first(where: { !(1...colours.count).contains($0) }) {
      throw refusal("there is no band \(unknown): \(name) has \(Self.counted(colours.count))")
    }
    return asked
  }

  private static func counted(_ bands: Int) -> String { bands == 1 ? "1 band" : "\(bands) bands" }
}

extension Window {
  /// Some of the bands, counted from 1, in the given order; a band may come more than once.
  func bands(_ bands: [Int]) -> Window {
    if bands == Array(1...max(1, bandCount)) { return self }
    var chosen: [Sample] = []
    chosen.reserveCapacity(bands.count * pixelCount)
    for band in bands { chosen += samples[(band - 1) * pixelCount..<band * pixelCount] }
    return Window(
      bandCount: bands.count, height: height, width: width, samples: chosen, validity: validity)
  }
}
