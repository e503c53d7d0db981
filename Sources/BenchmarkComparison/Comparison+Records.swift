import BenchmarkKit
import BenchmarkRecords

extension Comparison {
  /// Compares two records.
  ///
  /// A machine changes its pace from one run to the next, and a record is one process with a pace of its own, so times
  /// alone convict nobody: the ratio to a peer, which was measured beside the workload in both records, must say the
  /// same, and both by more than what unchanged code did: see ``RecordConditions``. Where the machines differ, times are
  /// not compared at all; what is counted is.
  public init(_ before: Record, _ after: Record, rule: VerdictRule, chosen: (String) -> Bool = { _ in true })
  {
    self.init(rule: rule, before: before.title, after: after.title)
    ratioHead = "/peer"
    secondHead = "/pace"
    what = "the ratio to a peer (C, else memcpy), after over before,"
    second = "and so does that of the time over the machine's pace"
    listsUndecided = false
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
    let conditions = isSameMachine ? RecordConditions(before.samples, after.samples) : nil
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
      let samples = min(earlier.timing.batches.count, workload.timing.batches.count)
      rows.append(
        ComparedRow(
          workload.name,
          ratio: conditions?.ratioToPeer(earlier, in: before.samples, workload, in: after.samples),
          second: conditions?.timeOverPace(earlier.measurement, workload.measurement),
          rule: rule,
          samples: samples,
          // One disturbance may decide fewer.
          fewestSamples: 15,
          before: sides.0,
          after: sides.1
        )
      )
    }
    foreword = isSameMachine ? words(about: conditions) : nil
    // What unchanged code may do from one run to the next is no doubt where there was one run.
    if before.samples == after.samples {
      rows = rows.map(\.ofOneMeasurement)
      listsSame = false
      foreword = "The records hold the same measurements, to the last sample: one and the same run."
    }
  }

  /// What cannot be told, once for all rows.
  private func words(about conditions: RecordConditions?) -> String? {
    let open = rows.count { $0.verdict == .unknown }
    guard let conditions else {
      return open == 0
        ? nil : "The records share no peer, so nothing tells the machine's pace from the code's."
    }
    let pace =
      "The peers, which are the same code in both, took \(Figures.precise(conditions.pace)) of the time of before"
      + " and scatter by \(Figures.percent(conditions.scatter)): that is the machine, not the code. "
    guard open > 0 else { return pace }
    return pace
      + "A row has to differ by more than some \(Figures.percent(conditions.leastChange)) to be told from that; "
      + "\(open) of \(rows.count) do not. Smaller changes are found by compare --base, or --build twice."
  }
}
extension Samples.Workload {
  /// What must be the same for times to be comparable.
  fileprivate var work: String {
    "\(itemsPerCall) items, \(bytesPerCall) bytes, \(timing.threads) threads"
  }
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
  /// What makes the times of two machines another's, as a key: equal where there are no `differences`.
  var likeness: some Hashable & Sendable { Likeness(self) }

  private struct Likeness: Hashable, Sendable {
    let processor: String?
    let architecture: String
    let logicalProcessors: Int
    let hypervisor: String?
    let caches: [Cache]

    init(_ machine: MachineFacts) {
      (processor, architecture) = (machine.processor, machine.architecture)
      (logicalProcessors, hypervisor) = (machine.logicalProcessors, machine.hypervisor)
      caches = machine.caches
    }
  }

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
