import BenchmarkKit
import CLinuxCalls

/// What a workload must come out as: small enough to be read in the diff of a change.
public struct Baseline: Codable, Hashable, Sendable {
  /// What the workload expects: see ``Subject/expectation``.
  public var result: String
  /// Of one call, exactly; nil where they are not the same each time.
  public var allocations: Int?
  public var allocatedBytes: Int?
  /// Of one call, counted by callgrind; nil for workloads whose instructions are not gated.
  public var instructions: UInt64?
  /// The time over that of the C peer and of memcpy, in the run that the baseline was written from.
  public var ratioToReference: Double?
  public var ratioToMemcpy: Double?

  enum CodingKeys: String, CodingKey {
    case result, allocations, instructions
    case allocatedBytes = "allocated_bytes"
    case ratioToReference = "ratio_to_reference"
    case ratioToMemcpy = "ratio_to_memcpy"
  }

  public init(
    result: String,
    allocations: Int? = nil,
    allocatedBytes: Int? = nil,
    instructions: UInt64? = nil,
    ratioToReference: Double? = nil,
    ratioToMemcpy: Double? = nil
  ) {
    self.result = result
    self.allocations = allocations
    self.allocatedBytes = allocatedBytes
    self.instructions = instructions
    self.ratioToReference = ratioToReference
    self.ratioToMemcpy = ratioToMemcpy
  }

  /// What a row came out as; nil where it was not measured.
  public init?(_ row: Row) {
    guard case .measured(let measurement) = row.outcome else { return nil }
    self.init(
      result: row.expectation,
      instructions: row.instructions,
      ratioToReference: row.ratio(to: .reference)?.value,
      ratioToMemcpy: row.ratio(to: .memcpy)?.value
    )
    if case .exact(let counts) = measurement.allocations {
      allocations = counts.allocations
      allocatedBytes = counts.bytes
    }
  }
}

/// What the figures of baselines depend on, beside the code.
public struct BaselineConditions: Codable, Hashable, Sendable {
  /// Compiler and C library: with others, the same source has other instructions.
  public var toolchain: String
  /// The processor's model: ratios to memcpy depend on it most of all.
  public var processor: String

  public init(toolchain: String, processor: String) {
    self.toolchain = toolchain
    self.processor = processor
  }

  /// Those of this program on this machine.
  public init(_ machine: MachineFacts = MachineFacts(), _ build: BuildFacts = BuildFacts()) {
    toolchain = "\(build.compiler), glibc \(String(cString: c_library_version()))"
    processor = machine.processor ?? machine.architecture
  }
}

/// The baselines of all workloads, and under what they were taken.
public struct Baselines: Hashable, Sendable {
  public var conditions: BaselineConditions
  public var workloads: [String: Baseline]

  public init(conditions: BaselineConditions, workloads: [String: Baseline]) {
    self.conditions = conditions
    self.workloads = workloads
  }

  /// These with `newer` in the place of what they have of the same names.
  ///
  /// A new ratio that is within a tenth of the old one leaves the old one standing, so that a diff shows what has changed
  /// and not how the machine felt.
  public func updated(with newer: [String: Baseline]) -> Baselines {
    var updated = self
    updated.workloads.merge(newer) { old, new in
      var merged = new
      merged.ratioToReference = Self.settled(old.ratioToReference, new.ratioToReference)
      merged.ratioToMemcpy = Self.settled(old.ratioToMemcpy, new.ratioToMemcpy)
      return merged
    }
    return updated
  }

  private static func settled(_ old: Double?, _ new: Double?) -> Double? {
    guard let old, let new else { return new }
    return abs(new / old - 1) <= 0.1 ? old : new
  }
}
