import TDXMemory

/// The least that a plan can cost, by trying every way to cover a small machine: the oracle that `OptimalPlanner` is
/// held against. It shares nothing with the planner but the types of the input.
///
/// The machine is made of cells that a border of a GiB never cuts: memory, convertible, or neither. Memory cells are
/// larger than all PAMTs together, so a PAMT fits beside a hole wherever there is one.
public struct PlainOptimal {
  public enum Cell: Int, CaseIterable, Sendable {
    case hole, memory, convertible
  }

  public struct Cost: Equatable, Comparable, Sendable {
    public var pamtBytes: UInt64
    public var tdmrs: Int
    public var areas: Int

    public init(pamtBytes: UInt64, tdmrs: Int, areas: Int) {
      self.pamtBytes = pamtBytes
      self.tdmrs = tdmrs
      self.areas = areas
    }

    public static func < (one: Cost, other: Cost) -> Bool {
      (one.pamtBytes, one.tdmrs, one.areas) < (other.pamtBytes, other.tdmrs, other.areas)
    }
  }

  /// By GiB.
  private let cells: [[Cell]]
  private let options: PlanOptions
  private var best: Cost?
  /// The TDMRs that are being tried.
  private var tdmrs: [Range<Int>] = []

  /// - Parameter cells: GiB by GiB, all in address order.
  /// - Returns: nil where no plan exists.
  public static func least(_ cells: [[Cell]], _ options: PlanOptions) -> Cost? {
    var search = PlainOptimal(cells: cells, options: options)
    search.extend(from: 0)
    return search.best
  }

  private init(cells: [[Cell]], options: PlanOptions) {
    self.cells = cells
    self.options = options
  }

  /// Tries everything from a GiB on: leaves it out where it has no memory, or starts a TDMR of any length.
  private mutating func extend(from gib: Int) {
    guard gib < cells.count else { return consider() }
    if !cells[gib].contains(.memory) { extend(from: gib + 1) }
    for end in gib + 1...cells.count where areas(gib..<end) <= options.limits.maxReserved {
      tdmrs.append(gib..<end)
      extend(from: end)
      tdmrs.removeLast()
    }
  }

  private mutating func consider() {
    guard tdmrs.count <= options.limits.maxTDMRs, !tdmrs.isEmpty else { return }
    var cost = Cost(pamtBytes: 0, tdmrs: tdmrs.count, areas: 0)
    var hasHoleBesideMemory = false
    for tdmr in tdmrs {
      let areas = areas(tdmr)
      cost.areas += areas
      cost.pamtBytes += pamtBytes(UInt64(tdmr.count))
      if areas > 0, cells[tdmr].contains(where: { $0.contains(.memory) }) { hasHoleBesideMemory = true }
    }
    if !hasHoleBesideMemory, cost.pamtBytes > 0 {
      // The PAMTs take an area of their own, in a TDMR with memory that has one left.
      guard options.limits.maxReserved > 0 else { return }
      cost.areas += 1
    }
    if best.map({ cost < $0 }) ?? true { best = cost }
  }

  /// Holes with memory between them, in a row of cells.
  private func areas(_ tdmr: Range<Int>) -> Int {
    var areas = 0
    var isOpen = false
    for cell in cells[tdmr].joined() {
      switch cell {
      case .hole:
        if !isOpen { areas += 1 }
        isOpen = true
      case .memory: isOpen = false
      case .convertible: break
      }
    }
    return areas
  }

  private func pamtBytes(_ gibs: UInt64) -> UInt64 {
    let entry = options.limits.pamtEntryBytes
    let levels = [
      options.dynamicPAMT ? gibs * 32768 : gibs * 262_144 * UInt64(entry.page4K),
      gibs * 512 * UInt64(entry.page2M),
      gibs * UInt64(entry.page1G),
    ]
    return levels.reduce(0) { $0 + ($1 + 4095) / 4096 * 4096 }
  }
}
