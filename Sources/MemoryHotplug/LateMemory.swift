import TDXMemory

/// What memory meets that is added behind all other memory, as CXL and hot-plugged banks are.
public struct LateMemory {
  /// The block that is added.
  public var range: AddressRange
  public var block: UInt64
  /// Added and onlined on the machine as it stands.
  public var added: HotplugAnswer
  public var onlined: HotplugAnswer
  /// What comes of TDX where it initialises only after the block was added.
  public var initialized: HotplugAnswer

  /// Tries it, on copies of the machine.
  ///
  /// - Returns: nil where no block fits behind the memory.
  public init?(_ machine: HotplugMachine) {
    guard let last = machine.memory.last,
      let range = machine.blockSize.range(of: machine.blockSize.block(of: last.end - 1) + 1),
      machine.blockSize.isAligned(range)
    else { return nil }
    let node = UInt64(machine.memory.reduce(0) { max($0, $1.node) })
    var copy = machine
    self.range = range
    block = machine.blockSize.block(of: range.start)
    // A node of its own, as CXL memory has, unless there are no more.
    added = copy.add(range, node: min(node + 1, HotplugMachine.maxNodes - 1))
    onlined = copy.online(block)
    copy.tdx = .off
    initialized = copy.initializeTDX()
  }
}
