// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import Planning
import Raster

/// A chip with all that the job knows of it.
struct ReportChip: Hashable, Sendable {
  let chip: ChipIndex
  let state: ChipState
  /// The LR classifier's answer, for a surveyed chip.
  let lowResolution: Answer?
  let wanted: PatchMask
  /// What this job paid for.
  let bought: PatchMask
  /// What it had or used besides; none of the bought ones.
  let owned: PatchMask
  /// The final answer, once there is one.
  let answer: Answer?
  /// Why it gets what it gets, as the plan says.
  let reason: PlanReason?
  /// Its part of what was captured for the job's orders, in minor units.
  let paidMinorUnits: Int64

  /// A class and how probable it is.
  struct Answer: Hashable, Sendable {
    let classIndex: Int
    let probability: Float
  }

  /// The patches that HR pixels are there for.
  var used: PatchMask { bought.union(owned) }
}

extension ReportChip.Answer {
  /// The answer of calibrated logits (Guo and others, 2017); nil where there are none.
  init?(logits: [Float], temperature: Float) {
    guard let largest = logits.max(), let index = logits.firstIndex(of: largest) else {
      return nil
    }
    let sum = logits.reduce(0) { $0 + exp(($1 - largest) / temperature) }
    self.init(classIndex: index, probability: 1 / sum)
  }
}

extension ReportInputs {
  /// The chips of the job by row and column, each with what was planned, bought and found.
  ///
  /// - Throws: `ReportError.contradiction` where orders overlap, or records name what is not there.
  func joinedChips() throws(ReportError) -> [ReportChip] {
    let patchGrid = survey.grid.patchGrid
    var bought: [ChipIndex: PatchMask] = [:]
    for position in orders.flatMap(\.boughtPositions) {
      let (chip, patch) = position.chipAndPatch(in: patchGrid)
      if bought[chip, default: .none].contains(patch) {
        throw .contradiction(what: "patch \(patch) of chip \(chip) was bought twice")
      }
      bought[chip, default: .none].insert(patch)
    }
    let shares = priceShares()
    let results = Dictionary(self.results.map { ($0.chip, $0) }) { first, _ in first }
    var chips: [ReportChip] = []
    chips.reserveCapacity(survey.chips.count)
    for surveyed in survey.chips {
      let result = results[surveyed.chip]
      let paid = bought.removeValue(forKey: surveyed.chip) ?? .none
      // What the answer used and this job has not paid for was there, or came through another job.
      let used = (owned[surveyed.chip] ?? .none).union(result?.mask ?? .none)
      chips.append(
        ReportChip(
          chip: surveyed.chip, state: surveyed.state,
          lowResolution: surveyed.state == .surveyed
            ? ReportChip.Answer(
              logits: surveyed.lowResolutionLogits, temperature: survey.lowResolutionTemperature)
            : nil,
          wanted: wanted[surveyed.chip] ?? .none, bought: paid, owned: used.subtracting(paid),
          answer: try result.map { result throws(ReportError) in try answer(of: result) },
          reason: reasons[surveyed.chip], paidMinorUnits: shares[surveyed.chip] ?? 0))
    }
    if let stray = bought.keys.min() {
      throw .contradiction(what: "patches of chip \(stray) were bought, which the job has not")
    }
    return chips
  }

  private func answer(of result: ChipResult) throws(ReportError) -> ReportChip.Answer {
    guard survey.classes.indices.contains(result.classIndex),
      result.probabilities.indices.contains(result.classIndex)
    else {
      throw .contradiction(
        what: "chip \(result.chip) is of class \(result.classIndex), and the model has "
          + "\(survey.classes.count)")
    }
    return ReportChip.Answer(
      classIndex: result.classIndex, probability: result.probabilities[result.classIndex])
  }

  /// What was captured for each chip's patches, in minor units.
  ///
  /// An item's capture is spread over its patches so that parts differ by one at most.
  private func priceShares() -> [ChipIndex: Int64] {
    var captures: [UUID: [Int: Int64]] = [:]
    for entry in entries where entry.operation == .capture {
      guard let order = entry.order, let item = entry.item else { continue }
      captures[order, default: [:]][item, default: 0] += entry.amount.minorUnits
    }
    var shares: [ChipIndex: Int64] = [:]
    for order in orders {
      for item in order.boughtItems {
        let positions = item.rectangle.positions
        let captured = captures[order.key]?[item.number] ?? 0
        let (part, rest) = captured.quotientAndRemainder(dividingBy: Int64(positions.count))
        for (index, position) in positions.enumerated() {
          let chip = position.chipAndPatch(in: survey.grid.patchGrid).chip
          shares[chip, default: 0] += part + (Int64(index) < rest ? 1 : 0)
        }
      }
    }
    return shares
  }

  /// The area of each chip on the ellipsoid, in square metres.
  func groundAreas(of chips: [ReportChip]) throws(RasterError) -> [Double] {
    var areas: [Double] = []
    areas.reserveCapacity(chips.count)
    // A piece at a time: corners are larger than what is kept of them.
    for start in stride(from: 0, to: chips.count, by: 16_384) {
      let piece = chips[start..<min(start + 16_384, chips.count)]
      areas += try GeodesicArea.squareMetres(
        of: piece.map { survey.grid.lattice.rectangle(of: $0.chip) }, crs: crs)
    }
    return areas
  }
}
