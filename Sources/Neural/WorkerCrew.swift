// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Synchronization

/// Threads that wait for pieces of work.
///
/// A training step forks and joins a hundred times within milliseconds, so a thread that has
/// nothing to do looks for more work a little before it sleeps. With Dispatch's concurrent loop
/// instead, a small network trained a quarter slower on two cores.
final class WorkerCrew: Sendable {
  /// The crew of the process.
  static let shared = WorkerCrew()
  /// How often a thread looks, and lets others run, before it sleeps.
  private static let looks = 100

  /// Guards what `Roster` has.
  private let condition = NSCondition()
  private let finished = NSCondition()
  // Unsafe because the lock of `condition` guards it.
  nonisolated(unsafe) private let roster = Roster()
  /// Counts tasks, so that a look needs no lock.
  private let taskCount = Atomic<Int>(0)

  private final class Roster {
    var tasks: [Task] = []
    var threads = 0
    var sleeping = 0
  }

  /// Calls of one body.
  private final class Task: Sendable {
    /// Where the body is: it may be called while there are pieces that nobody has finished, as
    /// its owner waits for them.
    private let body: UInt
    private let pieces: Int
    private let next = Atomic<Int>(0)
    private let done = Atomic<Int>(0)
    private let places: Atomic<Int>

    init(body: UnsafePointer<(Int) -> Void>, pieces: Int, helpers: Int) {
      self.body = UInt(bitPattern: body)
      self.pieces = pieces
      places = Atomic(helpers)
    }

    var isFinished: Bool { done.load(ordering: .acquiring) == pieces }

    /// Takes one of the helpers' places, if there is one and work is left.
    func join() -> Bool {
      next.load(ordering: .relaxed) < pieces
        && places.subtract(1, ordering: .relaxed).oldValue > 0
    }

    /// Works until no piece is left; returns whether it finished the last.
    func work() -> Bool {
      var hasFinished = false
      while true {
        let piece = next.add(1, ordering: .relaxed).oldValue
        guard piece < pieces, let body = UnsafePointer<(Int) -> Void>(bitPattern: body) else {
          return hasFinished
        }
        body.pointee(piece)
        hasFinished = done.add(1, ordering: .acquiringAndReleasing).newValue == pieces
      }
    }
  }

  /// Calls `body` once for each piece, on the calling thread and up to `helpers` others.
  func run(pieces: Int, helpers: Int, _ body: (_ piece: Int) -> Void) {
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: body) { body in
        let task = Task(body: body, pieces: pieces, helpers: helpers)
        post(task, helpers: helpers)
        _ = task.work()
        withdraw(task)
        waitUntilFinished(task)
      }
    }
  }

  private func post(_ task: Task, helpers: Int) {
    condition.lock()
    roster.tasks.append(task)
    while roster.threads < helpers {
      roster.threads += 1
      let thread = Thread { [self] in help() }
      thread.name = "fovea-worker"
      thread.start()
    }
    taskCount.add(1, ordering: .releasing)
    if roster.sleeping > 0 { condition.broadcast() }
    condition.unlock()
  }

  private func withdraw(_ task: Task) {
    condition.lock()
    roster.tasks.removeAll { $0 === task }
    condition.unlock()
  }

  private func waitUntilFinished(_ task: Task) {
    for _ in 0..<Self.looks {
      if task.isFinished { return }
      sched_yield()
    }
    finished.lock()
    while !task.isFinished { finished.wait() }
    finished.unlock()
  }

  /// What a thread of the crew does for ever.
  private func help() {
    while true {
      let seen = taskCount.load(ordering: .acquiring)
      if let task = joinTask() {
        if task.work() {
          finished.lock()
          finished.broadcast()
          finished.unlock()
        }
        continue
      }
      awaitTask(after: seen)
    }
  }

  private func joinTask() -> Task? {
    condition.lock()
    defer { condition.unlock() }
    return roster.tasks.first { $0.join() }
  }

  private func awaitTask(after seen: Int) {
    for _ in 0..<Self.looks {
      if taskCount.load(ordering: .acquiring) != seen { return }
      sched_yield()
    }
    condition.lock()
    roster.sleeping += 1
    while taskCount.load(ordering: .acquiring) == seen { condition.wait() }
    roster.sleeping -= 1
    condition.unlock()
  }
}
