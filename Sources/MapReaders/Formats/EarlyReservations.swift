import TDXMemory

/// What a log tells of the memory that the kernel had reserved when it set up NUMA.
///
/// A node with any of it loses the SRAT's hotplug flag (`numa_clear_kernel_node_hotplug`). What is reserved later does not
/// count: node data, the crash kernel, the memmap. Most logs do not tell everything: where the kernel image lies stands in
/// /proc/iomem, and where page tables and the log's buffer lie shows only in what is left for node data.
struct EarlyReservations {
  /// The initrd, where it ends up.
  private(set) var initrd: AddressRange?
  /// ACPI tables, and what firmware's tables took from e820 after memblock was made.
  private(set) var tables: [AddressRange] = []
  /// From the kernel's code to its bss.
  var kernelImage: AddressRange?
  /// Where the data of each node lies: the highest place that was free, the first thing that is reserved after NUMA is
  /// set up. So what lies above it on the node was taken before.
  private(set) var nodeData: [(node: UInt32, range: AddressRange)] = []
  /// `movable_node` keeps allocations off hot-pluggable memory.
  var isMovableNode = false
  /// The nodes that have ZONE_MOVABLE from boot on; nil where the log does not tell. With `movable_node` they are those that
  /// keep the hotplug flag.
  var movableNodes: Set<UInt32>?

  mutating func merge(_ later: EarlyReservations) {
    initrd = later.initrd ?? initrd
    tables += later.tables
    kernelImage = later.kernelImage ?? kernelImage
    if !later.nodeData.isEmpty { nodeData = later.nodeData }
    isMovableNode = isMovableNode || later.isMovableNode
    movableNodes = later.movableNodes ?? movableNodes
  }

  mutating func add(tables ranges: [AddressRange]) { tables += ranges }

  /// `RAMDISK: [mem 0x…-0x…]`, and `Allocated new RAMDISK: [mem 0x…-0x…]` where it moves.
  mutating func readInitrd(before: TextCursor, after: TextCursor) -> Bool {
    guard before.ends(with: "RAMDISK: ") else { return false }
    initrd = Self.range(after) ?? initrd
    return true
  }

  /// `ACPI: Reserving SRAT table memory at [mem 0x…-0x…]` and `NODE_DATA(0) allocated [mem 0x…-0x…]`.
  ///
  /// - Parameters:
  ///   - before: what stands in front of `[mem `.
  ///   - after: starts behind it.
  mutating func read(before: TextCursor, after: TextCursor) -> Bool {
    var before = before
    if before.dropLast(" table memory at ") {
      _ = before.dropLast { !isBlank($0) }
      guard before.ends(with: "ACPI: Reserving ") else { return false }
      if let range = Self.range(after) { tables.append(range) }
    } else if before.dropLast(") allocated ") {
      var number = before.dropLast(while: isDecimal)
      guard !number.isAtEnd, before.ends(with: "NODE_DATA(") else { return false }
      guard nodeData.count < Self.mostNodes else { return true }
      if let node = try? number.takeNode(), let range = Self.range(after) { nodeData.append((node, range)) }
    } else {
      return false
    }
    return true
  }

  /// `MAX_NUMNODES`.
  private static let mostNodes = 1024

  /// What is broken here is left out: no memory depends on it.
  private static func range(_ text: TextCursor) -> AddressRange? {
    var text = text
    return try? text.takeInclusiveRange()
  }
}
