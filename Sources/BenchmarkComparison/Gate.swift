import BenchmarkKit
import BenchmarkRecords

/// A figure of a workload that is not what its baseline says.
public struct Breach: Hashable, Sendable {
  /// What kind of figure it is, in the order in which they are told.
  public enum Figure: Int, CaseIterable, Hashable, Sendable {
    case result, allocations, bytes, instructions, ratioToReference, ratioToMemcpy, presence
  }

  public let workload: String
  public let figure: Figure
  public let baseline: String
  public let now: String
  /// By how much, or what is wrong.
  public let difference: String

  /// Whether it is a time, which another measurement may not confirm.
  public var isTime: Bool { figure == .ratioToReference || figure == .ratioToMemcpy }
}

extension Breach.Figure {
  var name: String {
    switch self {
    case .result: "result"
    case .allocations: "allocations"
    case .bytes: "bytes"
    case .instructions: "instructions"
    case .ratioToReference: "time over C"
    case .ratioToMemcpy: "over memcpy"
    case .presence: "baseline"
    }
  }
}

/// Holds a run against baselines: what can be counted exactly, times only within wide bands.
public struct Gate: Sendable {
  public let baselines: Baselines
  /// Whether instructions can be held against the baselines': the same toolchain counted them.
  public let countsInstructions: Bool
  /// Whether allocations and times mean what they mean in the baselines: a release build, on tcmalloc.
  public let isRelease: Bool
  /// The factors by which a ratio may exceed its baseline.
  public let bands: [PeerKind: Double]

  /// Instructions may differ by this share: two builds of the same code differ by a few where an address does.
  public static let instructionTolerance = 0.01

  /// Beyond what the same code was seen to do: on one processor, ratios moved by 16 % (C) and 23 % (memcpy) when a
  /// neighbour took the other thread of the core. From one processor to another those to C moved by up to 27 %, those to
  /// memcpy by up to 4.2 times.
  static let bandsOnSameProcessor: [PeerKind: Double] = [.reference: 1.6, .memcpy: 2]
  static let bandsOnOtherProcessor: [PeerKind: Double] = [.reference: 1.9, .memcpy: 6]

  /// - Parameters:
  ///   - conditions: those of the run that is judged.
  ///   - isRelease: whether it is a release build on tcmalloc.
  public init(_ baselines: Baselines, conditions: BaselineConditions, isRelease: Bool) {
    self.baselines = baselines
    self.isRelease = isRelease
    countsInstructions = isRelease && conditions.toolchain == baselines.conditions.toolchain
    bands =
      conditions.processor == baselines.conditions.processor
      ? Self.bandsOnSameProcessor : Self.bandsOnOtherProcessor
  }

  /// What in a row breaks its baseline. A row whose result is wrong breaks nothing else.
  public func breaches(of row: Row) -> [Breach] {
    if case .wrong(let reason) = row.outcome {
      return [breach(row.name, .result, baselines.workloads[row.name]?.result ?? "", "wrong", reason)]
    }
    guard let now = Baseline(row) else { return [] }
    guard let baseline = baselines.workloads[row.name] else {
      return [breach(row.name, .presence, "none", "new", "no baseline yet")]
    }
    var breaches: [Breach] = []
    if baseline.result != now.result {
      let difference = "expected \(baseline.result), the workload now expects \(now.result)"
      breaches.append(breach(row.name, .result, "", "changed", difference))
    }
    guard isRelease else { return breaches }
    breaches += [
      count(row.name, .allocations, baseline.allocations, now.allocations),
      count(row.name, .bytes, baseline.allocatedBytes, now.allocatedBytes),
      instructions(row.name, baseline.instructions, now.instructions),
      ratio(row, .reference, .ratioToReference, baseline.ratioToReference),
      ratio(row, .memcpy, .ratioToMemcpy, baseline.ratioToMemcpy),
    ].compactMap { $0 }
    return breaches
  }

  /// A breach for each workload that has a baseline and is none of the suite's any more.
  public func vanished(_ names: [String], chosen: (String) -> Bool) -> [Breach] {
    let gone = Set(baselines.workloads.keys).subtracting(names).filter(chosen)
    return gone.sorted().map { breach($0, .presence, "there", "gone", "no such workload") }
  }

  private func count(_ name: String, _ figure: Breach.Figure, _ baseline: Int?, _ now: Int?) -> Breach? {
    guard baseline != now else { return nil }
    guard let baseline, let now else {
      // A count that was steady and is not any more, or the other way round.
      let text = { (count: Int?) in count.map { "\($0)" } ?? "unsteady" }
      return breach(name, figure, text(baseline), text(now), "")
    }
    let change = FigureChange(name, "", before: UInt64(clamping: baseline), after: UInt64(clamping: now))
    return breach(name, figure, "\(baseline)", "\(now)", change?.difference ?? "")
  }

  private func instructions(_ name: String, _ baseline: UInt64?, _ now: UInt64?) -> Breach? {
    guard countsInstructions, let baseline, let now else { return nil }
    let distance = Double(max(baseline, now) - min(baseline, now))
    guard distance > Self.instructionTolerance * Double(baseline) else { return nil }
    let change = FigureChange(name, "", before: baseline, after: now)
    return breach(name, .instructions, "\(baseline)", "\(now)", change?.difference ?? "")
  }

  private func ratio(_ row: Row, _ peer: PeerKind, _ figure: Breach.Figure, _ baseline: Double?) -> Breach? {
    guard let baseline, let band = bands[peer] else { return nil }
    guard let now = row.ratio(to: peer) else {
      return breach(row.name, figure, Figures.significantRatio(baseline), "none", "no such peer")
    }
    guard now.low > baseline * band else { return nil }
    return breach(
      row.name,
      figure,
      Figures.significantRatio(baseline),
      Figures.significantRatio(now.value),
      Figures.significantRatio(now.value / baseline)
    )
  }

  private func breach(
    _ workload: String,
    _ figure: Breach.Figure,
    _ baseline: String,
    _ now: String,
    _ difference: String
  ) -> Breach {
    Breach(workload: workload, figure: figure, baseline: baseline, now: now, difference: difference)
  }
}
