import TDXMemory

/// How many memory blocks a machine has of each kind, and which of them deserve a name.
public struct BlockCensus: Sendable {
  /// All blocks that have memory.
  public private(set) var total: UInt64 = 0
  /// Blocks without memory below the last that has some.
  public private(set) var absent: UInt64 = 0
  public private(set) var offline: UInt64 = 0
  /// Blocks that could leave, by what they would meet when they come back; offline ones too.
  public private(set) var leaving: [BlockReturn: UInt64] = [:]
  /// Blocks that cannot leave, by the reason.
  public private(set) var staying: [BlockClass: UInt64] = [:]
  /// Blocks that could leave and never come back, though all of them is TDX memory.
  public private(set) var oneWay: [BlockRun] = []
  /// Blocks that would be one-way if TDX found a border in them that is possible, not certain: ascending.
  public private(set) var possiblyOneWay: [UInt64] = []
  private var borders: ArraySlice<UInt64>

  /// - Complexity: one sweep; memory for the one-way blocks only.
  public init(_ machine: HotplugMachine) {
    let size = machine.blockSize
    borders = machine.possibleBorders.filter { !$0.isMultiple(ofPowerOfTwo: size.bytes) }.map(size.block)[...]
    machine.forEachBlockRun { count($0) }
  }

  /// Every class of blocks that have memory, with the number of its blocks.
  public var classes: [(name: String, blocks: UInt64)] {
    [
      ("offlineable", leaving[.allowed] ?? 0), ("one-way", leaving[.oneWay] ?? 0),
      ("foreign", leaving[.foreign] ?? 0), ("pinned", staying[.pinned] ?? 0), ("hole", staying[.hole] ?? 0),
      ("multi-zone", staying[.multiZone] ?? 0), ("multi-node", staying[.multiNode] ?? 0),
    ]
  }

  private mutating func count(_ run: BlockRun) {
    absent += run.first - (total + absent)  // The blocks of earlier runs, and those between, lie below.
    total += run.count
    if run.isOffline { offline += run.count }
    if run.isOffline || run.kind == .offlineable {
      leaving[run.comesBack ?? .foreign, default: 0] += run.count
    } else {
      staying[run.kind, default: 0] += run.count
    }
    if run.isOneWay { oneWay.append(run) }
    while let block = borders.first, block <= run.last {
      borders.removeFirst()
      let leaves = run.isOffline || run.kind == .offlineable
      if block >= run.first, leaves, run.comesBack == .allowed, possiblyOneWay.last != block {
        possiblyOneWay.append(block)
      }
    }
  }
}
