import TDXMemory

/// Which limit broke, and where.
public struct Breach: Sendable {
  /// In a few words, with the limit: `TDMR [0x0, 0x80000000) needs 18 reserved areas, the module takes 16`.
  public var sentence: String
  /// What is to blame, by address.
  public var places: [AddressRange]
  /// The TDMR with more areas than the module takes.
  public var crowded: AddressRange?
}

extension Breach {
  /// - Parameters:
  ///   - layout: the plan; of one that fails, the plan without limits, where there is one.
  /// - Returns: nil where the plan fits and the module does not refuse it.
  init?(_ plan: Plan, _ verdict: ModuleVerdict?, _ layout: PlanLayout, _ limits: ModuleLimits) {
    if let obstacle = plan.obstacle {
      self.init(sentence: "No plan is possible: \(obstacle).", places: obstacle.places)
      return
    }
    guard let failure = plan.failure else {
      guard let verdict, !verdict.isAccepted else { return nil }
      let tdmr = verdict.tdmr.flatMap { layout.tdmrs.indices.contains($0) ? layout.tdmrs[$0].range : nil }
      self.init(
        sentence: "The module refuses: \(verdict) (\(verdict.name)).",
        places: tdmr.map { [$0] } ?? []
      )
      return
    }
    switch failure {
    case .tdmrsExhausted:
      let beyond = layout.tdmrs.filter(\.isTooMany).map(\.range)
      let from = beyond.first.map { "; from \(hex($0.start)) on nothing fits" } ?? ""
      self.init(
        sentence: layout.tdmrs.isEmpty
          ? "The memory needs more than the \(limits.maxTDMRs) TDMRs that the module takes."
          : "The memory needs \(layout.tdmrs.count) TDMRs, and the module takes \(limits.maxTDMRs)\(from).",
        places: beyond
      )
    case .reservedAreasExhausted(let range):
      let areas = layout.tdmrs.first { $0.range == range }?.areas ?? []
      let pamts = areas.count { $0.isPAMT }
      let needed = areas.isEmpty ? "more reserved areas" : "\(areas.count) reserved areas"
      let parts =
        pamts > 0
        ? " (\(counted(areas.count - pamts, "hole")) and \(counted(pamts, "PAMT")))" : ""
      self.init(
        sentence: "TDMR \(range) needs \(needed)\(parts), and the module takes \(limits.maxReserved).",
        places: [range],
        crowded: areas.isEmpty ? nil : range
      )
    case .noMemoryForPAMT(let range, let bytes):
      self.init(
        sentence: bytes == 0
          ? "There is no memory to describe."
          : "No node has \(ByteCount(bytes)) in one piece for the PAMT of TDMR \(range).",
        places: range.isEmpty ? [] : [range]
      )
    case .reservedAreaNotAligned(_, let area):
      self.init(sentence: "The hole \(area) does not start and end on a page.", places: [area])
    case .notConvertible(let region):
      self.init(sentence: "The memory \(region) does not lie inside one CMR.", places: [region])
    case .notAddressable(let region):
      self.init(sentence: "No TDMR can end at 2^64, where the memory \(region) needs it.", places: [region])
    }
  }
}

extension Obstacle {
  /// Where it stands in the way.
  fileprivate var places: [AddressRange] {
    switch self {
    case .areas(let range, _, _), .size(let range, _), .areaForPAMT(_, let range): [range]
    case .tdmrs, .room, .noMemory: []
    }
  }
}

/// `1 hole`, `2 holes`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
