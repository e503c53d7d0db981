import JSON

/// The members that decide the size of memory blocks; nil and false where nothing is said.
public struct BlockSizeMembers: Hashable, Sendable {
  /// In bytes.
  public var blockSize: UInt64?
  public var isHypervisor = false
  /// The size that CXL windows advise, in bytes.
  public var cxlAdvice: UInt64?

  public init(blockSize: UInt64? = nil, isHypervisor: Bool = false, cxlAdvice: UInt64? = nil) {
    self.blockSize = blockSize
    self.isHypervisor = isHypervisor
    self.cxlAdvice = cxlAdvice
  }

  /// - Returns: false, with nothing read, where the name is none of theirs.
  mutating func read(
    _ name: JSONText,
    _ scanner: inout RequestScanner,
    defaults: BlockSizeMembers
  ) throws(RequestError) -> Bool {
    switch name {
    case "block_size": blockSize = try scanner.size(.blockSize) ?? defaults.blockSize
    case "hypervisor": isHypervisor = try scanner.flag(.hypervisor, default: defaults.isHypervisor)
    case "cxl_advice": cxlAdvice = try scanner.size(.cxlAdvice) ?? defaults.cxlAdvice
    default: return false
    }
    return true
  }
}
