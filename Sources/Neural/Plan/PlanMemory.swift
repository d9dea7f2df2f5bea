// SPDX-License-Identifier: Apache-2.0

/// Where the values of a plan lie: one after the other's last use, several share a place.
struct PlanMemory: Sendable {
  /// For each value, its first float, in floats of one image.
  let offsets: [Int]
  /// The floats that one image needs in all.
  let floatsPerImage: Int

  private struct Place {
    var floats: Int
    /// After which step the place is free; nil while nothing is there.
    var busyUntil: Int?
  }

  init(input: PlanBuilder.Value, output: PlanBuilder.Value, steps: [PlanBuilder.Step]) {
    var lastUse = [Int](repeating: -1, count: steps.count + 1)
    for (index, step) in steps.enumerated() {
      lastUse[step.source.index] = index
      if let residual = step.residual { lastUse[residual.index] = index }
    }
    lastUse[output.index] = steps.count
    var places: [Place] = []
    var placeOf = [Int](repeating: 0, count: steps.count + 1)

    func settle(_ value: PlanBuilder.Value, at step: Int, on shared: PlanBuilder.Value?) {
      let floats = value.shape.blockedFloats
      let choice =
        shared.map { placeOf[$0.index] }
        ?? places.indices.filter { (places[$0].busyUntil ?? -2) < step }
        .min { abs(places[$0].floats - floats) < abs(places[$1].floats - floats) }
      let place = choice ?? places.count
      if choice == nil { places.append(Place(floats: 0, busyUntil: nil)) }
      places[place].floats = max(places[place].floats, floats)
      places[place].busyUntil = lastUse[value.index]
      placeOf[value.index] = place
    }

    settle(input, at: -1, on: nil)
    for (index, step) in steps.enumerated() {
      // Sums may be written over the residual that they take up, where nothing else needs it.
      let shared = step.residual.flatMap { residual in
        lastUse[residual.index] == index && residual != step.source
          && residual.shape == step.target.shape ? residual : nil
      }
      settle(step.target, at: index, on: shared)
    }
    var starts: [Int] = []
    var total = 0
    for place in places {
      starts.append(total)
      total += place.floats
    }
    offsets = placeOf.map { starts[$0] }
    floatsPerImage = total
  }
}
