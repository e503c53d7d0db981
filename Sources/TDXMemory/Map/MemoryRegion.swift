/// One region of memory with its NUMA node and memblock flags: what a `memblock_region` holds.
///
/// The layout is fixed, 24 bytes: `start` at 0 and `end` at 8 (64 bits each), `node` at 16 and `flags` at 20
/// (32 bits each), all little endian in files. Arrays of regions are memory-mapped and swept as they are.
public struct MemoryRegion: Hashable, Sendable, BitwiseCopyable {
  /// The first byte.
  public let start: UInt64
  /// The byte after the last one.
  public let end: UInt64
  /// The NUMA node.
  public let node: UInt32
  /// What memblock knows beside the node.
  public let flags: MemoryFlags

  /// - Precondition: `start <= end`.
  @inlinable
  public init(start: UInt64, end: UInt64, node: UInt32 = 0, flags: MemoryFlags = []) {
    precondition(start <= end, "a region ends before it starts")
    self.start = start
    self.end = end
    self.node = node
    self.flags = flags
  }

  @inlinable
  public init(_ range: AddressRange, node: UInt32 = 0, flags: MemoryFlags = []) {
    self.init(start: range.start, end: range.end, node: node, flags: flags)
  }

  @inlinable public var range: AddressRange { AddressRange(unchecked: start, end) }
  @inlinable public var size: UInt64 { end &- start }
}

extension MemoryRegion: CustomStringConvertible {
  public var description: String { "\(range) node \(node)" }
}

/// The flags of a memblock region (`enum memblock_flags`), with the kernel's values.
public struct MemoryFlags: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public let rawValue: UInt32

  @inlinable
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  public static let hotplug = MemoryFlags(rawValue: 1)
  public static let mirror = MemoryFlags(rawValue: 2)
  public static let noMap = MemoryFlags(rawValue: 4)
  public static let driverManaged = MemoryFlags(rawValue: 8)
  public static let reservedNoInit = MemoryFlags(rawValue: 16)
  /// Memory that a kernel before kexec handed over for the first allocations (`MEMBLOCK_KHO_SCRATCH`).
  public static let handover = MemoryFlags(rawValue: 64)
}
