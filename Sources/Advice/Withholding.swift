import TDXMemory

/// Memory that the kernel is told not to use, so that Linux's own algorithm succeeds.
public struct Withholding: Sendable {
  /// By address, each a whole island between two holes, or memory outside CMRs.
  public var ranges: [AddressRange]
  /// What comes of the rest under each placement.
  public var results: [PlanResult]
  /// The TDMR with the fewest reserved areas to spare, and how many those are, whatever the placement.
  public var tightest: AddressRange?
  public var areasToSpare: Int
  /// What else to withhold for each further PAMT that lands in that TDMR, in this order.
  public var next: [AddressRange]

  public var bytes: UInt64 { ranges.reduce(0) { $0 + $1.size } }
  /// The placements that it holds for.
  public var placements: [Placement] { results.filter(\.initializes).compactMap(\.placement) }

  /// As kernel parameters: `memmap=64K$0x619e0000 …`.
  public var kernelParameters: String { ranges.map(Self.parameter).joined(separator: " ") }

  /// As a line of /etc/default/grub. The shell that reads the file takes `\\` for a backslash and `\$` for a dollar, and
  /// GRUB takes the `\$` that remains for a dollar.
  public var grubLine: String {
    let escaped = ranges.map { Self.parameter($0, dollar: #"\\\$"#) }.joined(separator: " ")
    return #"GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX \#(escaped)""#
  }

  private static func parameter(_ range: AddressRange) -> String { parameter(range, dollar: "$") }

  /// The size in the largest unit of K, M and G that divides it.
  private static func parameter(_ range: AddressRange, dollar: String) -> String {
    let unit = min(range.size.trailingZeroBitCount / 10, 3)
    let size = "\(range.size >> UInt64(10 * unit))\(["", "K", "M", "G"][unit])"
    return "memmap=\(size)\(dollar)\(hex(range.start))"
  }
}

/// Why nothing that is withheld helps.
public enum Hopelessness: Sendable, Hashable {
  case tdmrsExhausted
  case noMemoryForPAMT(AddressRange)
  /// The TDMR has no island left between two holes: its areas are taken by PAMTs and by holes at its ends.
  case areasTakenByPAMTs(AddressRange)
  case other(PlanFailure)
}

extension Subject {
  /// Finds the least memory, in bytes, without which Linux succeeds under every placement model.
  ///
  /// A TDMR that has d areas too many under some placement gives up its d smallest islands between two holes: each
  /// joins two areas, and nothing smaller joins any. Then all is planned again, for PAMTs may have moved.
  ///
  /// - Parameter slack: the areas to keep free in such a TDMR, for PAMTs that land there in no model.
  func leastToWithhold(slack: Int) throws(WithholdingFailure) -> Withholding {
    var ranges = try outsideCMRs()
    var rest = try without(ranges)
    for _ in 0..<Self.mostRounds {
      let more = try tooMuch(rest, slack)
      guard !more.isEmpty else { return withholding(ranges, rest) }
      ranges = (ranges + more).sorted { $0.start < $1.start }
      rest = try without(ranges)
    }
    throw WithholdingFailure(.areasTakenByPAMTs(ranges[0]))
  }

  /// So often may PAMTs move to where there is too much already.
  private static var mostRounds: Int { 32 }

  /// The memory that the module would refuse.
  private func outsideCMRs() throws(WithholdingFailure) -> [AddressRange] {
    guard let convertible, !convertible.isEmpty else { return [] }
    let memory = map.withRegions { $0.removing(convertible) }
    return memory.compactMap { AddressRange(from: max($0.start, lowMemoryEnd), to: $0.end) }.filter {
      !$0.isEmpty
    }
  }

  private func without(_ ranges: [AddressRange]) throws(WithholdingFailure) -> MemoryMap {
    guard let rest = try? MemoryMap(map.withRegions { $0.removing(ranges) }) else {
      throw WithholdingFailure(.other(.noMemoryForPAMT(tdmr: AddressRange(unchecked: 0, 0), bytes: 0)))
    }
    return rest
  }

  /// The islands to withhold because TDMRs have too many areas; empty where none has.
  private func tooMuch(_ map: MemoryMap, _ slack: Int) throws(WithholdingFailure) -> [AddressRange] {
    var excess: [AddressRange: Int] = [:]
    for placement in Placement.allCases {
      for (tdmr, areas) in try areas(map, placement) {
        let tooMany = areas - max(0, Int(clamping: options.limits.maxReserved) - slack)
        if tooMany > 0 { excess[tdmr] = max(excess[tdmr] ?? 0, tooMany) }
      }
    }
    var withheld: [AddressRange] = []
    for (tdmr, count) in excess.sorted(by: { $0.key.start < $1.key.start }) {
      let islands = islands(in: tdmr, of: map)
      guard islands.count >= count else { throw WithholdingFailure(.areasTakenByPAMTs(tdmr)) }
      withheld += islands.prefix(count)
    }
    return withheld
  }

  /// The areas in each TDMR, PAMTs among them, however many the module takes.
  private func areas(
    _ map: MemoryMap,
    _ placement: Placement
  ) throws(WithholdingFailure) -> [(AddressRange, Int)] {
    let (failure, areas) = plan(map, asLinux(placement, maxReserved: .max)) { plan, _ in
      (
        plan.failure,
        plan.tdmrs.map { (AddressRange(unchecked: $0.base, $0.base + $0.size), $0.usedReservedSlots) }
      )
    }
    switch failure {
    case nil: return areas
    case .tdmrsExhausted: throw WithholdingFailure(.tdmrsExhausted)
    case .noMemoryForPAMT(let tdmr, _): throw WithholdingFailure(.noMemoryForPAMT(tdmr))
    case .some(let other): throw WithholdingFailure(.other(other))
    }
  }

  /// The memory between two neighbouring holes of a TDMR, the smallest first; touching regions are one.
  func islands(in tdmr: AddressRange, of map: MemoryMap) -> [AddressRange] {
    var islands: [AddressRange] = []
    for index in map.firstIndex(endingAfter: max(tdmr.start, lowMemoryEnd))..<map.endIndex {
      let region = map[index]
      guard region.start < tdmr.end else { break }
      let start = max(region.start, lowMemoryEnd)
      if let last = islands.last, last.end == start {
        islands[islands.count - 1] = AddressRange(unchecked: last.start, region.end)
      } else {
        islands.append(AddressRange(unchecked: start, region.end))
      }
    }
    return islands.filter { $0.start > tdmr.start && $0.end < tdmr.end }
      .sorted { ($0.size, $0.start) < ($1.size, $1.start) }
  }

  private func withholding(_ ranges: [AddressRange], _ rest: MemoryMap) -> Withholding {
    let results = Placement.allCases.map { result(rest, asLinux($0)) }
    let fullest = results.max { $0.mostReserved < $1.mostReserved }
    let next = fullest?.fullest.map { islands(in: $0, of: rest) } ?? []
    return Withholding(
      ranges: ranges,
      results: results,
      tightest: fullest?.fullest,
      areasToSpare: Int(clamping: options.limits.maxReserved) - (fullest?.mostReserved ?? 0),
      next: Array(next.prefix(3))
    )
  }
}

extension MemoryMap {
  /// The first region that ends after an address; `endIndex` where none does.
  fileprivate func firstIndex(endingAfter address: UInt64) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = (low + high) / 2
      if self[middle].end <= address { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// Carries a `Hopelessness` out of the search.
struct WithholdingFailure: Error {
  let reason: Hopelessness

  init(_ reason: Hopelessness) { self.reason = reason }
}
