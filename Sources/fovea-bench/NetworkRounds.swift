// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Every contestant measured once a round, the rounds one after another, so that drift and other
/// work on the machine fall on all alike.
struct NetworkRounds {
  /// One pass of one network, by all contestants.
  struct Race {
    let net: BenchmarkNetwork
    let pass: Pass
    /// The measurements of each contestant, round by round.
    fileprivate(set) var rounds: [Contestant: [Measurement]] = [:]
  }

  let peers: PeerScript?
  let conditions: Conditions
  private(set) var races: [Race]
  /// The ceiling of each round, in GFLOP/s of one thread.
  private(set) var ceilings: [Double] = []

  /// Nothing measured yet.
  init(
    _ nets: [BenchmarkNetwork], passes: [Pass], peers: PeerScript?, conditions: Conditions
  ) {
    self.peers = peers
    self.conditions = conditions
    races = nets.flatMap { net in
      net.passes.filter(passes.contains).map { Race(net: net, pass: $0) }
    }
  }

  /// The machine's ceiling for one thread, in GFLOP/s.
  var sgemmGigaflops: Double { ceilings.median ?? 0 }

  /// Measures one round more.
  ///
  /// Each second round goes through the contestants backwards, so that none has always the cooler
  /// machine.
  mutating func measure(progress: (String) -> Void) throws {
    let isForward = ceilings.count.isMultiple(of: 2)
    let ceiling: Ceiling = try own(["--seconds", "\(min(conditions.seconds, 1))"]).answer()
    ceilings.append(ceiling.gigaflops)
    progress("sgemm 1024^3: \(Figure.text(ceiling.gigaflops)) GFLOP/s on one thread")
    for index in races.indices {
      let (net, pass) = (races[index].net, races[index].pass)
      let contestants = peers == nil ? [.ours] : Contestant.all(pass)
      for contestant in isForward ? contestants : contestants.reversed() {
        let found = try measure(contestant, net, pass)
        races[index].rounds[contestant, default: []].append(found)
        progress(
          "\(net.name) \(pass.rawValue), \(contestant.name): "
            + "\(Figure.text(found.imagesPerSecond)) images/s, \(Figure.text(found.peakMiB)) MiB")
      }
    }
  }

  private func measure(
    _ contestant: Contestant, _ net: BenchmarkNetwork, _ pass: Pass
  ) throws -> Measurement {
    if contestant != .ours, let peers {
      return try peers.measure(contestant, net, pass, conditions)
    }
    return try own([
      "--net", net.name, "--pass", pass.rawValue, "--threads", "\(conditions.threads)",
      "--seconds", "\(conditions.seconds)",
    ]).answer()
  }

  private func own(_ arguments: [String]) -> ChildProcess {
    ChildProcess(executable: ChildProcess.own, arguments: ["measure"] + arguments)
  }
}

extension NetworkRounds.Race {
  /// The median rate of a contestant over the rounds, in images a second.
  func rate(_ contestant: Contestant) -> Double? {
    rounds[contestant]?.map(\.imagesPerSecond).median
  }

  /// The largest memory of a contestant in any round.
  func peakMiB(_ contestant: Contestant) -> Double? {
    rounds[contestant]?.map(\.peakMiB).max()
  }

  /// The faster of PyTorch's variants.
  var pyTorch: Contestant? {
    fastest { if case .pyTorch = $0 { true } else { false } }
  }

  /// The fastest of all peers.
  var bestPeer: Contestant? { fastest { $0 != .ours } }

  /// Our median rate over the best peer's.
  var ratio: Double? {
    guard let ours = rate(.ours), let peer = bestPeer.flatMap(rate) else { return nil }
    return ours / peer
  }

  /// The median over the rounds of our rate over the best peer's in the same round.
  var pairRatio: Double? {
    guard let ours = rounds[.ours], let peer = bestPeer.flatMap({ rounds[$0] }) else { return nil }
    return zip(ours, peer).map { $0.imagesPerSecond / $1.imagesPerSecond }.median
  }

  private func fastest(_ isMeant: (Contestant) -> Bool) -> Contestant? {
    rounds.keys.filter(isMeant).max { (rate($0) ?? 0, $1.name) < (rate($1) ?? 0, $0.name) }
  }
}
