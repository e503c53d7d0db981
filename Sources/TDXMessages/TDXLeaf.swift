/// A leaf function: what a SEAMCALL of the host or a TDCALL of a guest asks the TDX module for.
public struct TDXLeaf: Hashable, Sendable {
  /// Bits 15:0 of RAX; of the loader's leaves bit 63 is set too.
  public let number: UInt64
  /// As the module's specification writes it: `TDH.SYS.RD`.
  public let name: String
  /// What it does, as the end of "the call that …".
  public let purpose: String
  /// The first release that has it, where it is not 1.0, or who else names it.
  public let since: String

  init(_ number: UInt64, _ name: String, _ purpose: String, since: String = "1.0") {
    self.number = number
    self.name = name
    self.purpose = purpose
    self.since = since
  }

  /// The leaf of a SEAMCALL: the number in bits 15:0 and its version in bits 23:16, or a leaf of the loader.
  ///
  /// - Returns: nil where the number is not in the tables.
  public static func host(_ rax: UInt64) -> TDXLeaf? {
    if isLoaderCall(rax) { return loader.first { $0.number == rax } }
    guard rax >> 24 == 0 else { return nil }
    return host.first { $0.number == rax & 0xffff }
  }

  /// The leaf that a kernel calls by its name: `TDH_MNG_CREATE`, `TDH.SYS.DISABLE`, `tdh_mng_key_freeid`.
  public static func named(_ name: String) -> TDXLeaf? {
    let dotted = String(name.uppercased().map { $0 == "_" ? "." : $0 })
    return byName[dotted]
  }

  /// Whether a call is to the P-SEAMLDR and not to the module.
  public static func isLoaderCall(_ rax: UInt64) -> Bool { rax >> 63 == 1 }

  /// Whether Linux makes this call to initialise the module and at no other time but when a processor comes online.
  public var initializesModule: Bool { Self.initializing.contains(name) }

  private static let initializing: Set<String> = [
    "TDH.SYS.INIT", "TDH.SYS.LP.INIT", "TDH.SYS.INFO", "TDH.SYS.RD", "TDH.SYS.RDALL", "TDH.SYS.CONFIG",
    "TDH.SYS.KEY.CONFIG", "TDH.SYS.TDMR.INIT", "TDH.EXT.INIT", "TDH.EXT.MEM.ADD",
  ]

  private static let byName = Dictionary(
    (host + guest + loader).map { ($0.name, $0) },
    uniquingKeysWith: { first, _ in first }
  )
}
