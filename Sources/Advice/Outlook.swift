import TDXMemory

/// How near its limits a machine is on which TDX initialises, and what would bring it there.
public struct Outlook: Sendable {
  /// A change of the machine, and what comes of it under Linux with `first-fit`.
  public struct Case: Sendable {
    public var change: String
    public var result: PlanResult
  }

  /// Memory between two holes that, were they joined, would save a reserved area.
  public var joinable: [AddressRange]
  /// The holes that cost the most PAMT, with its bytes: what is saved where a hole is moved to GiBs without memory.
  public var costlyHoles: [(range: AddressRange, pamtBytes: UInt64)]
  public var cases: [Case]
}

extension Subject {
  /// - Parameter today: what comes of the machine as it is.
  func outlook(_ today: PlanResult) -> Outlook {
    Outlook(
      joinable: Array((today.fullest.map { islands(in: $0, of: map) } ?? []).prefix(3)),
      costlyHoles: costlyHoles(),
      cases: cases()
    )
  }

  private func cases() -> [Outlook.Case] {
    guard let largest = map.max(by: { $0.size < $1.size }), largest.size >= 1 << 30 else { return [] }
    var cases: [Outlook.Case] = []
    let middle = (largest.start + largest.size / 2).roundedDown(to: pageSize)
    let quarter = (largest.size / 4).roundedDown(to: pageSize)
    for (change, range) in [
      (
        "a page lost in the largest region, at \(hex(middle))",
        AddressRange(unchecked: middle, middle + pageSize)
      ),
      (
        "a failed DIMM: \(ByteCount(quarter)) lost in the largest region",
        AddressRange(unchecked: middle, middle + quarter)
      ),
    ] {
      guard let rest = try? MemoryMap(map.withRegions { $0.removing([range]) }) else { continue }
      cases.append(Outlook.Case(change: change, result: result(rest, asLinux(options.placement))))
    }
    return cases
  }

  /// The largest holes inside TDMRs, and the PAMT for each at the rate of its TDMR.
  private func costlyHoles() -> [(range: AddressRange, pamtBytes: UInt64)] {
    let tdmrs = plan(nil, asLinux(options.placement)) { plan, _ in
      plan.tdmrs.map { tdmr in
        (
          range: AddressRange(unchecked: tdmr.base, tdmr.base + tdmr.size),
          pamt: PAMTLevel.allCases.reduce(0) { $0 + tdmr.pamt($1).size }
        )
      }
    }
    var holes: [(range: AddressRange, pamtBytes: UInt64)] = []
    var index = 0
    for tdmr in tdmrs {
      var coveredTo = tdmr.range.start
      func add(to end: UInt64) {
        guard end > coveredTo else { return }
        let hole = AddressRange(unchecked: coveredTo, end)
        let product = tdmr.pamt.multipliedFullWidth(by: hole.size)
        holes.append((hole, tdmr.range.size.dividingFullWidth(product).quotient))
      }
      while index < map.count, map[index].end <= tdmr.range.start { index += 1 }
      var next = index
      while next < map.count, map[next].start < tdmr.range.end {
        if map[next].end > lowMemoryEnd {
          add(to: min(max(map[next].start, lowMemoryEnd), tdmr.range.end))
          coveredTo = min(map[next].end, tdmr.range.end)
        }
        next += 1
      }
      add(to: tdmr.range.end)
    }
    holes.sort { ($1.pamtBytes, $0.range.start) < ($0.pamtBytes, $1.range.start) }
    return Array(holes.prefix(3))
  }
}
