import BenchmarkKit
import BenchmarkRecords
import Glibc

/// What unchanged code did between two records of one machine, as the peers show it: they are the same code in both.
///
/// A record is one process on one day. The machine has another pace the next time, and not the same one for all work: what
/// waits for memory suffers less from a neighbour than what computes. So the peers are the control group. Their median is
/// the machine's pace, and how they scatter around it is what a workload may do that nobody changed.
struct RecordConditions {
  /// The median of the peers' times, after over before.
  let pace: Double
  /// How far the logarithms of those quotients scatter around their median, as a standard deviation: of all peers, and of
  /// those of a kind.
  let scatter: Double
  private let scatterOfKind: [String: Double]

  /// - Returns: nil where the records share no peer.
  init?(_ before: Samples, _ after: Samples) {
    var old: [String: Samples.Peer] = [:]
    for peer in before.peers { old[peer.key] = peer }
    var logarithms: [String: [Double]] = [:]
    for peer in after.peers {
      guard let earlier = old[peer.key],
        let quotient = Self.quotient(earlier.measurement, peer.measurement)?.value
      else { continue }
      logarithms[peer.kind, default: []].append(log(quotient))
    }
    guard let all = Distribution(logarithms.values.flatMap { $0 }) else { return nil }
    pace = exp(all.median)
    scatter = Self.deviation(all)
    scatterOfKind = logarithms.compactMapValues { Distribution($0).map(Self.deviation) }
  }

  /// The least change of a row that can be told from what unchanged code does, as a share.
  var leastChange: Double {
    exp((Self.onePlace * Self.onePlace + Self.factor * Self.factor * scatter * scatter).squareRoot()) - 1
  }

  /// The ratio to a peer after over that before, the C reference or else memcpy; nil where no such peer is in both.
  func ratioToPeer(
    _ earlier: Samples.Workload,
    in before: Samples,
    _ later: Samples.Workload,
    in after: Samples
  )
    -> Estimate?
  {
    for kind in [PeerKind.reference, .memcpy] {
      if let old = before.ratio(of: earlier, to: kind), let new = after.ratio(of: later, to: kind),
        let quotient = Estimate(new, over: old)
      {
        // The workload scatters as a peer does, and so does its peer.
        return widened(quotient, by: (scatterOfKind[kind.rawValue] ?? scatter) * 2.0.squareRoot())
      }
    }
    return nil
  }

  /// The time after over that before, and over the machine's pace.
  func timeOverPace(_ earlier: Measurement, _ later: Measurement) -> Estimate? {
    Self.quotient(earlier, later).map { quotient in
      widened(
        Estimate(value: quotient.value / pace, low: quotient.low / pace, high: quotient.high / pace),
        by: scatter
      )
    }
  }

  private static func quotient(_ before: Measurement, _ after: Measurement) -> Estimate? {
    guard let old = before.nanosecondsPerCall, let new = after.nanosecondsPerCall else { return nil }
    return Estimate(new, over: old)
  }

  /// An interval that has in it what unchanged code does, beside what the samples leave open.
  private func widened(_ estimate: Estimate, by scatter: Double) -> Estimate {
    func distance(_ share: Double) -> Double {
      let own = log(share)
      let others = Self.factor * scatter
      return (own * own + others * others + Self.onePlace * Self.onePlace).squareRoot()
    }
    return Estimate(
      value: estimate.value,
      low: estimate.value * exp(-distance(estimate.value / estimate.low)),
      high: estimate.value * exp(distance(estimate.high / estimate.value))
    )
  }

  /// The standard deviation that normally distributed values with this median deviation have.
  private static func deviation(_ values: Distribution) -> Double { 1.4826 * values.medianAbsoluteDeviation }

  /// How many deviations count: about one of 2,000 unchanged rows is beyond, and a record has a hundred. With 2.6 (1 % of
  /// rows) two halves of one record of 2026-11-23 would have raised an alarm.
  private static let factor = 3.5
  /// A process has a pace of its own, by where its stack lies, which all its samples share: see METHODOLOGY.md. In three
  /// pairs of records of one build, one row in 300 was off by 14.6 % by that alone, against its peer and against the pace.
  private static let onePlace = log(1.15)
}

extension Samples.Peer {
  fileprivate var key: String { "\(kind)\n\(name)\n\(group ?? "")" }
}
