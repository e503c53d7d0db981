import BenchmarkKit
import BenchmarkRecords

extension Comparison {
  /// Compares two records.
  ///
  /// A machine changes its pace from one run to the next, so times alone convict nobody: the ratio to a peer, which
  /// was measured beside the workload in both records, must say the same. Where the machines differ, times are not
  /// compared at all; what is counted is.
  public init(_ before: Record, _ after: Record, rule: VerdictRule, chosen: (String) -> Bool = { _ in true })
  {
    self.init(rule: rule, before: before.title, after: after.title)
    secondHead = "/peer"
    second = "and so does that of the ratios to a peer (C, else memcpy) where both records have one"
    let differences = before.machine.differences(from: after.machine)
    let isSameMachine = differences.isEmpty
    if !isSameMachine {
      notes.append("Different machines, so times are not compared: \(differences.joined(separator: "; ")).")
    }
    if before.build.compiler != after.build.compiler {
      notes.append("Different compilers: \(before.build.compiler), then \(after.build.compiler).")
    }
    if before.build.configuration != after.build.configuration {
      notes.append(
        "Different builds: \(before.build.configuration), then \(after.build.configuration), so times say nothing."
      )
    }
    let old = Dictionary(before.samples.workloads.map { ($0.name, $0) }) { first, _ in first }
    let new = Set(after.samples.workloads.map(\.name))
    onlyBefore = before.samples.workloads.map(\.name).filter { chosen($0) && !new.contains($0) }
    for workload in after.samples.workloads where chosen(workload.name) {
      guard let earlier = old[workload.name] else {
        onlyAfter.append(workload.name)
        continue
      }
      guard earlier.work == workload.work else {
        different.append((workload.name, "before: \(earlier.work); after: \(workload.work)"))
        continue
      }
      let sides = (Side(earlier), Side(workload))
      let ratio =
        isSameMachine
        ? sides.1.time.flatMap { new in
          sides.0.time.flatMap { Estimate(new, over: $0) }
        } : nil
      rows.append(
        ComparedRow(
          workload.name,
          ratio: ratio,
          second: ratio.flatMap { _ in Self.ratioOfRatios(before.samples, earlier, after.samples, workload) },
          rule: rule,
          samples: min(earlier.timing.batches.count, workload.timing.batches.count),
          before: sides.0,
          after: sides.1
        )
      )
    }
    if isSameMachine, let pace = Self.pace(before.samples, after.samples) {
      notes.append(
        "The peers took \(Figures.ratio(pace)) the time of before: that is the machine, not the code."
      )
    }
  }

  private static func ratioOfRatios(
    _ before: Samples,
    _ earlier: Samples.Workload,
    _ after: Samples,
    _ workload: Samples.Workload
  ) -> Estimate? {
    for kind in [PeerKind.reference, .memcpy] {
      if let old = before.ratio(of: earlier, to: kind), let new = after.ratio(of: workload, to: kind) {
        return Estimate(new, over: old)
      }
    }
    return nil
  }

  /// The median of the peers' times after over those before; nil where they share none.
  private static func pace(_ before: Samples, _ after: Samples) -> Double? {
    var times: [String: Double] = [:]
    for peer in before.peers { times[peer.key] = peer.measurement.times?.median }
    let quotients = after.peers.compactMap { peer -> Double? in
      guard let old = times[peer.key], old > 0, let new = peer.measurement.times?.median else { return nil }
      return new / old
    }
    return Distribution(quotients)?.median
  }
}

extension Samples.Workload {
  /// What must be the same for times to be comparable.
  fileprivate var work: String {
    "\(itemsPerCall) items, \(bytesPerCall) bytes, \(timing.threads) threads"
  }
}

extension Samples.Peer {
  fileprivate var key: String { "\(kind)\n\(name)\n\(group ?? "")" }
}

extension Side {
  fileprivate init(_ workload: Samples.Workload) {
    let counts = workload.allocations.flatMap { $0.isExact ? $0 : nil }
    self.init(
      time: workload.measurement.nanosecondsPerCall,
      allocations: counts?.allocations,
      allocatedBytes: counts?.bytes,
      instructions: workload.instructions
    )
  }
}

extension Record {
  /// What it is called in a table.
  fileprivate var title: String { name ?? run.date }
}

extension MachineFacts {
  /// What makes the times of two machines another's: a clause for each. Empty for the same machine, or one like it.
  public func differences(from other: MachineFacts) -> [String] {
    func text<Value>(_ value: Value?) -> String { value.map { "\($0)" } ?? "not told" }
    var differences: [String] = []
    func compare<Value: Equatable>(_ what: String, _ old: Value?, _ new: Value?) {
      if old != new { differences.append("\(what) \(text(old)), then \(text(new))") }
    }
    compare("processor", processor, other.processor)
    compare("architecture", architecture, other.architecture)
    compare("logical processors", logicalProcessors, other.logicalProcessors)
    compare("hypervisor", hypervisor, other.hypervisor)
    if caches != other.caches { differences.append("other caches") }
    return differences
  }
}
