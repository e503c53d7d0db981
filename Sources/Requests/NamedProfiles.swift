import TDXMemory
import TDXMessages

/// The kernel, the module and the processor that are asked about, by a command line or a line of a stream; nil where none
/// is named.
public struct NamedProfiles: Hashable, Sendable {
  public var kernel: KernelRelease?
  public var module: ModuleVersion?
  /// Bits of a physical address.
  public var physBits: Int?

  public init(kernel: KernelRelease? = nil, module: ModuleVersion? = nil, physBits: Int? = nil) {
    (self.kernel, self.module, self.physBits) = (kernel, module, physBits)
  }

  public var isEmpty: Bool { kernel == nil && module == nil && physBits == nil }

  /// The bits that a physical address may have: as the kernel's smallest machines, and as the architecture at most.
  public static let knownPhysBits = 36...maxAddressBits

  /// The highest bits of an address that hold no address: key ids and, where the processor has fewer than 52 bits, those
  /// that it does not have. The module's rules know them as one number, counted from bit 52 down.
  ///
  /// - Parameters:
  ///   - keyIDBits: nil for the default.
  ///   - module: one that takes addresses to have 52 bits does so whatever the processor has.
  public func upperBits(keyIDBits: Int?, module: ModuleProfile? = nil) -> Int {
    let bits = keyIDBits ?? RequestFrame.assumedKeyIDBits
    guard let physBits, module?.has(.physicalBits) != false else { return bits }
    return min(bits + maxAddressBits - physBits, maxAddressBits)
  }
}
