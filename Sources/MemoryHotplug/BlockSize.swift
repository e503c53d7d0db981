import TDXMemory

/// A section of sparse memory on x86-64, and the smallest memory block.
public let sectionSize: UInt64 = 128 << 20

/// The size of a memory block and where it comes from. Block N covers `[N x size, (N + 1) x size)`.
///
/// - Invariant: a power of two from 128 MiB to 2 GiB, so 4 GiB is a multiple of it.
public struct BlockSize: Hashable, Sendable {
  public let bytes: UInt64
  public let origin: Origin

  public static let largest: UInt64 = 2 << 30

  /// Why a block has the size that it has.
  public enum Origin: Hashable, Sendable {
    /// The user says so.
    case given
    /// `/sys/devices/system/memory/block_size_bytes`, or lsmem.
    case read
    /// RAM ends below 64 GiB.
    case smallMachine(end: UInt64)
    /// RAM ends at 64 GiB or above, on bare metal: 2 GiB whatever the alignment.
    case bareMetal(end: UInt64)
    /// RAM ends at 64 GiB or above, under a hypervisor: the largest size that divides the end.
    case hypervisor(end: UInt64)
    /// CXL windows advise a size; it is halved until it divides the end.
    case advice(UInt64, end: UInt64)
  }

  /// A size that was given or read.
  ///
  /// - Returns: nil where no x86-64 kernel has such blocks.
  public init?(_ bytes: UInt64, origin: Origin = .given) {
    guard bytes.nonzeroBitCount == 1, (sectionSize...Self.largest).contains(bytes) else { return nil }
    self.bytes = bytes
    self.origin = origin
  }

  private init(rule bytes: UInt64, _ origin: Origin) {
    self.bytes = bytes
    self.origin = origin
  }

  /// What sets a machine apart for the kernel's choice.
  public enum Host: Hashable, Sendable {
    case bareMetal
    case hypervisor
    /// A newer kernel with CXL windows that advise a block size.
    case cxlWindows(advice: UInt64)
  }

  /// The size that the kernel chooses at boot (`probe_memory_block_size`).
  ///
  /// - Parameter end: the highest RAM address, exclusive.
  public init(memoryEnd end: UInt64, host: Host = .bareMetal) {
    if case .cxlWindows(let advice) = host {
      let start = min(max(advice, sectionSize), Self.largest)
      let power = UInt64(1) << UInt64(63 - start.leadingZeroBitCount)
      self.init(rule: Self.largestDivisor(of: end, from: power), .advice(advice, end: end))
    } else if end < 64 << 30 {
      self.init(rule: sectionSize, .smallMachine(end: end))
    } else if host == .bareMetal {
      self.init(rule: Self.largest, .bareMetal(end: end))
    } else {
      self.init(rule: Self.largestDivisor(of: end, from: Self.largest), .hypervisor(end: end))
    }
  }

  private static func largestDivisor(of end: UInt64, from size: UInt64) -> UInt64 {
    var size = size
    while size > sectionSize, !end.isMultiple(ofPowerOfTwo: size) { size /= 2 }
    return size
  }

  /// The bytes of a block. The last block of the address space ends at 2^64 - 1 here.
  ///
  /// - Returns: nil where the block starts at 2^64 or above.
  public func range(of block: UInt64) -> AddressRange? {
    let (start, overflow) = block.multipliedReportingOverflow(by: bytes)
    return overflow ? nil : AddressRange(unchecked: start, start.addingSaturated(bytes))
  }

  /// The block that an address lies in.
  @inlinable
  public func block(of address: UInt64) -> UInt64 { address >> UInt64(bytes.trailingZeroBitCount) }

  /// Whether a range starts and ends at borders of blocks.
  public func isAligned(_ range: AddressRange) -> Bool {
    (range.start | range.end).isMultiple(ofPowerOfTwo: bytes)
  }
}

extension BlockSize: CustomStringConvertible {
  /// The size and the rule that it follows from.
  public var description: String {
    let size = ByteCount(bytes).description
    func sized(_ end: UInt64) -> String { "RAM ends at \(hex(end)) (\(ByteCount(end)))" }
    switch origin {
    case .given: return "\(size), as given"
    case .read: return "\(size), as the machine says"
    case .smallMachine(let end): return "\(size): \(sized(end)), below 64 GiB"
    case .bareMetal(let end): return "\(size): \(sized(end)), not below 64 GiB, on bare metal"
    case .hypervisor(let end):
      return "\(size): \(sized(end)), not below 64 GiB, under a hypervisor: the largest size up to 2 GiB "
        + "that divides it"
    case .advice(let advice, let end):
      return
        "\(size): CXL windows advise \(ByteCount(advice)), halved until it divides the end; \(sized(end))"
    }
  }
}
