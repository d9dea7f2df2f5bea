// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Platform

extension JSONText {
  /// The member of a collection that says how the scene was read, where that is known.
  static func reading(_ reading: SceneReading?) throws -> [GeoJSONCollection.Property] {
    guard let reading else { return [] }
    return [("reading", String(decoding: try JSON.encoder().encode(reading), as: UTF8.self))]
  }
}
