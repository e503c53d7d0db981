import MemoryHotplug
import TDXMemory

/// 128 MiB: the blocks of the drawings. Block 32 starts at 4 GiB.
let block: UInt64 = 128 << 20
let mib: UInt64 = 1 << 20

/// Memory from block to block, as `(0, 8, node)`; fractions of a block are fine.
func regions(_ blocks: [(Double, Double, UInt32)]) -> [MemoryRegion] {
  blocks.map {
    MemoryRegion(start: UInt64($0.0 * Double(block)), end: UInt64($0.1 * Double(block)), node: $0.2)
  }
}

/// From block to block.
func range(_ first: Double, _ end: Double) -> AddressRange {
  AddressRange(unchecked: UInt64(first * Double(block)), UInt64(end * Double(block)))
}

/// A machine with blocks of 128 MiB. PAMTs come from the bottom of each node, so they pin the block that a node starts
/// in and no other.
func machine(
  _ blocks: [(Double, Double, UInt32)],
  cmrs: [AddressRange]? = nil,
  size: UInt64 = block
) throws -> HotplugMachine {
  try machine(regions(blocks), cmrs: cmrs, size: size)
}

func machine(
  _ regions: [MemoryRegion],
  cmrs: [AddressRange]? = nil,
  size: UInt64 = block
) throws -> HotplugMachine {
  HotplugMachine(
    try MemoryMap(regions),
    convertible: cmrs,
    blockSize: BlockSize(size)!,
    options: PlanOptions(placement: .bottom)
  )
}

extension HotplugMachine {
  /// The runs of blocks, collected.
  var runs: [BlockRun] {
    var runs: [BlockRun] = []
    forEachBlockRun { runs.append($0) }
    return runs
  }
}
