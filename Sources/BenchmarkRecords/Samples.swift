import BenchmarkKit

/// The raw figures of a run: what each batch took and what one call did, as integers. All else follows from them.
public struct Samples: Codable, Hashable, Sendable {
  /// A workload of the run.
  public struct Workload: Codable, Hashable, Sendable {
    /// With `/threads:N` at the end where it ran on several.
    public var name: String
    public var itemsPerCall: Int
    public var bytesPerCall: Int
    /// The names of the peers that it is held against.
    public var peers: [PeerName]
    public var timing: Timing
    /// The allocations of one call; nil where they could not be counted.
    public var allocations: Counts?
    /// The instructions of one call; nil where they were not counted.
    public var instructions: UInt64?

    enum CodingKeys: String, CodingKey {
      case name, peers, timing, allocations, instructions
      case itemsPerCall = "items_per_call"
      case bytesPerCall = "bytes_per_call"
    }
  }

  /// A peer of the run. Large workloads are measured apart, each with peers of its own, its group.
  public struct Peer: Codable, Hashable, Sendable {
    public var kind: String
    public var name: String
    public var group: String?
    public var timing: Timing
  }

  /// Which of the peers a workload is held against.
  public struct PeerName: Codable, Hashable, Sendable {
    public var kind: String
    public var name: String
  }

  /// What the batches took.
  public struct Timing: Codable, Hashable, Sendable {
    public var threads: Int
    public var callsPerBatch: Int
    /// Nanoseconds, in the order of the rounds.
    public var batches: [UInt64]

    enum CodingKeys: String, CodingKey {
      case threads, batches
      case callsPerBatch = "calls_per_batch"
    }
  }

  /// What one call asked of the allocator.
  public struct Counts: Codable, Hashable, Sendable {
    public var allocations: Int
    public var frees: Int
    public var bytes: Int
    public var peakBytes: Int
    /// Whether two passes agreed.
    public var isExact: Bool

    enum CodingKeys: String, CodingKey {
      case allocations, frees, bytes
      case peakBytes = "peak_bytes"
      case isExact = "exact"
    }
  }

  /// The version of this format.
  public var format: Int
  /// Fixed the order in which the workloads were measured in each round.
  public var seed: UInt64
  /// The finest step that the clock showed, in nanoseconds.
  public var clockGrain: UInt64
  public var warnings: [String]
  public var workloads: [Workload]
  public var peers: [Peer]

  enum CodingKeys: String, CodingKey {
    case format, seed, warnings, workloads, peers
    case clockGrain = "clock_grain_ns"
  }

  static let currentFormat = 1

  /// The samples of a report; rows without a measurement are left out.
  public init(_ report: Report) {
    format = Self.currentFormat
    seed = report.seed
    clockGrain = report.clockGrain
    warnings = report.warnings
    workloads = report.rows.compactMap { row in
      row.outcome.measurement.map { measurement in
        Workload(
          name: row.name,
          itemsPerCall: row.workload.itemsPerCall,
          bytesPerCall: row.workload.bytesPerCall,
          peers: row.workload.peers.map { PeerName(kind: $0.kind.rawValue, name: $0.name) },
          timing: Timing(measurement),
          allocations: Counts(measurement.allocations),
          instructions: row.instructions
        )
      }
    }
    peers = report.peers.compactMap { peer in
      peer.outcome.measurement.map {
        Peer(kind: peer.kind.rawValue, name: peer.name, group: peer.group, timing: Timing($0))
      }
    }
  }
}

extension Samples.Timing {
  init(_ measurement: Measurement) {
    threads = measurement.threads
    callsPerBatch = measurement.callsPerBatch
    batches = measurement.batches
  }

  /// The statistics of these samples.
  ///
  /// - Precondition: they are valid: see ``Record/load(_:)``.
  func measurement(_ allocations: Allocations) -> Measurement {
    Measurement(callsPerBatch: callsPerBatch, threads: threads, batches: batches, allocations: allocations)
  }
}

extension Samples.Workload {
  /// Its measurement, from which every statistic follows.
  public var measurement: Measurement { timing.measurement(allocations?.counted ?? .unavailable) }
}

extension Samples.Peer {
  public var measurement: Measurement { timing.measurement(.unavailable) }
}

extension Samples.Counts {
  init?(_ allocations: Allocations) {
    switch allocations {
    case .exact(let counts): self.init(counts, isExact: true)
    case .unsteady(let counts): self.init(counts, isExact: false)
    case .unavailable: return nil
    }
  }

  private init(_ counts: AllocationCounts, isExact: Bool) {
    allocations = counts.allocations
    frees = counts.frees
    bytes = counts.bytes
    peakBytes = counts.peakBytes
    self.isExact = isExact
  }

  fileprivate var counted: Allocations {
    let counts = AllocationCounts(
      allocations: allocations,
      frees: frees,
      bytes: bytes,
      peakBytes: peakBytes
    )
    return isExact ? .exact(counts) : .unsteady(counts)
  }
}

extension Samples {
  /// A workload's time over that of one of its peers, from samples of the same rounds; nil where it has no such
  /// peer, or that was not measured.
  public func ratio(of workload: Workload, to kind: PeerKind) -> Estimate? {
    guard let named = workload.peers.first(where: { $0.kind == kind.rawValue }) else { return nil }
    // The peer of its own group, if it has one.
    let measured = peers.filter { $0.kind == named.kind && $0.name == named.name }
    let peer = measured.first { $0.group == workload.name } ?? measured.first { $0.group == nil }
    return peer.flatMap { workload.measurement.ratio(to: $0.measurement) }
  }
}
