import RandomNumbers

/// Trials that live at the same time and whose samples interleave.
struct Group {
  private var trials: [Trial] = []
  /// The trial of each workload on one thread, and on several if it is measured so.
  private var members: [(workload: Workload, single: Int, threaded: Int?)] = []
  /// The trials of the peers, in the order in which they first appear, and their places by name.
  private var peers: [(kind: PeerKind, trial: Int)] = []
  private var peerTrials: [String: Int] = [:]
  /// The large workload that it is for, if any.
  private let name: String?

  /// Sets up `workloads` and their peers, one after the other, until `isInterrupted`.
  init(
    _ workloads: [Workload],
    _ name: String?,
    plan: MeasuringPlan,
    leastBatch: UInt64,
    isInterrupted: () -> Bool,
    tell: (String) -> Void
  ) {
    self.name = name
    for workload in workloads {
      if isInterrupted() { return }
      tell("preparing \(workload.name)")
      let single = add(
        Trial(
          workload.name,
          leastBatch: leastBatch,
          isInterrupted: isInterrupted,
          makeSubject: workload.makeSubject
        )
      )
      var threaded: Int?
      if plan.threads > 1, workload.runsOnThreads {
        threaded = add(
          Trial(
            "\(workload.name)/threads:\(plan.threads)",
            threads: plan.threads,
            leastBatch: leastBatch,
            isInterrupted: isInterrupted,
            makeSubject: workload.makeSubject
          )
        )
      }
      members.append((workload, single, threaded))
      for peer in workload.peers where peerTrials[peer.name] == nil {
        if isInterrupted() { return }
        tell("preparing \(peer.name)")
        let trial = add(
          Trial(
            peer.name,
            leastBatch: leastBatch,
            isInterrupted: isInterrupted,
            makeSubject: peer.makeSubject
          )
        )
        peers.append((peer.kind, trial))
        peerTrials[peer.name] = trial
      }
    }
  }

  private mutating func add(_ trial: Trial) -> Int {
    trials.append(trial)
    return trials.count - 1
  }

  /// Takes rounds: each is one sample of every sound trial, in a random order, so that whatever else the machine
  /// does meets all of them alike. Trials that are held against each other stand side by side in it, because a
  /// shared machine changes its pace within the fraction of a second that a round of the whole suite takes. Short
  /// ones take several samples a round, or a few long ones would keep all others from having enough.
  mutating func takeSamples(
    _ plan: MeasuringPlan,
    until deadline: ContinuousClock.Instant,
    using random: inout SplitMix64,
    isInterrupted: () -> Bool,
    tell: (String) -> Void
  ) {
    var clusters = clusters().map { $0.filter { trials[$0].isSound } }.filter { !$0.isEmpty }
    var round = 0
    while !clusters.isEmpty, round < plan.maximumRounds,
      round < plan.minimumRounds || ContinuousClock.now < deadline
    {
      round += 1
      clusters.shuffle(using: &random)
      for cluster in clusters {
        for _ in 0..<samplesPerRound(of: cluster, limit: plan.samplesPerRound) {
          for index in cluster.shuffled(using: &random) {
            if isInterrupted() { return }
            tell("round \(round), \(trials[index].name)")
            trials[index].takeSample()
          }
        }
      }
    }
  }

  /// As many samples of each trial as take 1 ms on the average, but at least one and at most `limit`.
  private func samplesPerRound(of cluster: [Int], limit: Int) -> Int {
    let cost: UInt64 = cluster.reduce(1) { $0.addingReportingOverflow(trials[$1].costOfSample).partialValue }
    return max(1, min(limit, Int(clamping: UInt64(cluster.count) * 1_000_000 / cost)))
  }

  /// The trials by what they are held against: workloads that share a peer, even through others, and their peers.
  private func clusters() -> [[Int]] {
    var clusters: [Set<Int>] = []
    for (workload, single, threaded) in members {
      let peers = Set(workload.peers.compactMap { peerTrials[$0.name] })
      let related = clusters.filter { !$0.isDisjoint(with: peers) }
      clusters.removeAll { !$0.isDisjoint(with: peers) }
      clusters.append(related.reduce(peers.union([single, threaded].compactMap { $0 })) { $0.union($1) })
    }
    // Sorted, because the order of a set differs from run to run, and a seed is to give the same rounds.
    return clusters.map { $0.sorted() }
  }

  /// Checks every result again and relates the workloads to their peers.
  ///
  /// Once it `isInterrupted`, what cannot be checked soon is left out: no time is told of what was not.
  consuming func finish(
    isInterrupted: () -> Bool,
    tell: (String) -> Void
  ) -> (rows: [Row], peers: [PeerRow]) {
    let expectations = trials.map(\.expectation)
    var deadline: ContinuousClock.Instant?
    let outcomes = trials.map { trial in
      if deadline == nil, isInterrupted() { deadline = .now + Self.timeAfterInterruption }
      tell("checking \(trial.name)")
      return trial.finish(isLate: deadline.map { ContinuousClock.now >= $0 } ?? false)
    }
    let rows = members.flatMap { workload, single, threaded in
      [single, threaded].compactMap { $0 }.map { trial in
        Row(
          workload: workload,
          threads: trial == single ? 1 : trials[trial].threads,
          outcome: outcomes[trial],
          expectation: expectations[trial],
          ratios: trial == single ? ratios(of: workload, outcomes[trial], outcomes) : []
        )
      }
    }
    return (
      rows,
      peers.map { kind, trial in
        PeerRow(kind: kind, name: trials[trial].name, group: name, outcome: outcomes[trial])
      }
    )
  }

  /// Who has pressed Ctrl-C waits no longer than a second.
  private static let timeAfterInterruption: Duration = .milliseconds(300)

  private func ratios(of workload: Workload, _ outcome: Outcome, _ outcomes: [Outcome]) -> [Ratio] {
    guard let measurement = outcome.measurement else { return [] }
    return workload.peers.compactMap { peer in
      guard let other = peerTrials[peer.name].flatMap({ outcomes[$0].measurement }),
        let estimate = measurement.ratio(to: other)
      else { return nil }
      return Ratio(peer: peer.kind, name: peer.name, estimate: estimate)
    }
  }
}
