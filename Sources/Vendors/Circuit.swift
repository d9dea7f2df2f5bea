// SPDX-License-Identifier: Apache-2.0

/// Whether a host is worth asking: after failures in a row it is left alone, but for a probe now
/// and then.
///
/// A value without a clock of its own: every call is told the time, so that a simulation drives it
/// as the daemon does. Keep one for each vendor host.
///
/// ```swift
/// var circuit = Circuit()
/// switch circuit.admit(at: clock.now) {
/// case .proceed: ...          // then circuit.succeeded() or circuit.failed(at: clock.now)
/// case .probe: ...            // the same, by a call that only reads
/// case .wait(let pause): ...  // nothing is sent
/// }
/// ```
public struct Circuit: Hashable, Sendable {
  /// What a caller may do now.
  public enum Admission: Hashable, Sendable {
    /// The host answers: go on.
    case proceed
    /// The host has failed again and again: this one call finds out whether it is back. It should
    /// be one that only reads.
    case probe
    /// Send nothing for so long.
    case wait(Duration)
  }

  private enum State: Hashable {
    case closed(failureCount: Int)
    /// Nothing is sent before `until`; then one probe is.
    case open(until: ContinuousClock.Instant)
  }

  /// How many failures in a row open it.
  public let failureLimit: Int
  /// The time between probes.
  public let probeInterval: Duration
  private var state = State.closed(failureCount: 0)

  /// Creates a closed circuit: one that lets calls through.
  public init(failureLimit: Int = 5, probeInterval: Duration = .seconds(60)) {
    precondition(failureLimit > 0, "a circuit opens after at least one failure")
    self.failureLimit = failureLimit
    self.probeInterval = probeInterval
  }

  /// Whether calls are held back.
  public var isOpen: Bool {
    if case .open = state { true } else { false }
  }

  /// Asks for leave to call; a probe is given to one caller an interval.
  public mutating func admit(at now: ContinuousClock.Instant) -> Admission {
    guard case .open(let until) = state else { return .proceed }
    guard now >= until else { return .wait(until - now) }
    // A probe that never reports back must not close the host off for ever: the next is due anyway.
    state = .open(until: now + probeInterval)
    return .probe
  }

  /// The host answered, be it with a refusal.
  public mutating func succeeded() { state = .closed(failureCount: 0) }

  /// The host was not reached, or had a failure of its own.
  public mutating func failed(at now: ContinuousClock.Instant) {
    guard case .closed(let count) = state else {
      state = .open(until: now + probeInterval)
      return
    }
    state =
      count + 1 < failureLimit
      ? .closed(failureCount: count + 1) : .open(until: now + probeInterval)
  }
}

extension VendorError {
  /// Whether it counts against the vendor's host in a ``Circuit``.
  ///
  /// A refusal and a request to slow down come from a host that works.
  public var countsAgainstHost: Bool {
    switch self {
    case .unavailable, .malformedAnswer: true
    default: false
    }
  }
}
