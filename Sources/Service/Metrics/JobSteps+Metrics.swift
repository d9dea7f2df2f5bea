// SPDX-License-Identifier: Apache-2.0

import Platform
import Synchronization
import Wire

extension JobSteps {
  /// The same steps, each counted with its time, and the chips that they have done.
  func counted(by metrics: Metrics) -> JobSteps {
    JobSteps(
      admit: admit, survey: counted("survey", survey, metrics),
      choose: { work in try await metrics.time("choose") { try await choose(work) } },
      planned: planned,
      buy: { work, accepted in try await metrics.time("buy") { try await buy(work, accepted) } },
      abandon: abandon, classify: counted("classify", classify, metrics),
      report: { work in try await metrics.time("report") { try await report(work) } }, money: money)
  }

  private func counted(_ name: String, _ step: @escaping Step, _ metrics: Metrics) -> Step {
    { work in
      let tally = ChipTally()
      // Chips that were done are counted, also where the step was then cut off.
      defer { metrics.countChips(name, tally.done.load(ordering: .relaxed)) }
      try await metrics.time(name) {
        try await step(
          work.telling { progress in
            tally.done.store(progress.completed, ordering: .relaxed)
            work.progress(progress)
          })
      }
    }
  }
}

/// The chips that a step has done so far.
private final class ChipTally: Sendable {
  let done = Atomic(0)
}

extension JobWork {
  /// The same job, whose progress is told to somebody else.
  fileprivate func telling(_ progress: @escaping @Sendable (StageProgress) -> Void) -> JobWork {
    JobWork(
      id: id, request: request, createdAt: createdAt, folder: folder, progress: progress,
      note: note)
  }
}
