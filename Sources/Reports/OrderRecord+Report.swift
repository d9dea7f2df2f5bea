// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger

extension UUID {
  /// The id as files have it.
  var text: String { uuidString.lowercased() }
}

extension OrderRecord {
  /// The items that were delivered, verified and paid, with what each covers.
  var boughtItems: [(number: Int, rectangle: PatchRectangle)] {
    items.filter { $0.state == .captured }.map { ($0.number, draft.rectangles[$0.number]) }
  }

  /// The patches of those items.
  var boughtPositions: [PatchPosition] { boughtItems.flatMap(\.rectangle.positions) }
}
