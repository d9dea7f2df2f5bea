// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// What a network's layers compile to, made when it is first needed.
///
/// A network that is about to be changed takes new, empty plans; its copies keep theirs.
final class NetworkPlans: Sendable {
  /// How many input shapes are kept; a network rarely sees a second.
  private static let keptCount = 4

  private struct Entry: Sendable {
    let input: [Int]
    let trunk: InferencePlan
    let head: InferencePlan
  }

  private let entries = Mutex<[Entry]>([])

  /// The plans for a batch of some shape: all but the last layer, and the last.
  func plans(
    of layers: NetworkLayers, input batch: [Int], threadCount: Int
  ) -> (trunk: InferencePlan, head: InferencePlan) {
    let input = Array(batch.dropFirst())
    return entries.withLock { entries in
      if let found = entries.first(where: { $0.input == input }) {
        return (found.trunk, found.head)
      }
      let shape = PlanBuilder.Shape(ofBatch: batch)
      let trunk = InferencePlan(layers.trunk, input: shape, threadCount: threadCount)
      let head = InferencePlan(layers.head, input: trunk.outputShape, threadCount: threadCount)
      if entries.count == Self.keptCount { entries.removeFirst() }
      entries.append(Entry(input: input, trunk: trunk, head: head))
      return (trunk, head)
    }
  }
}
