import ArgumentParser
import Requests
import TDXMemory

/// The options that say what the TDX module takes.
struct ModuleArguments: ParsableArguments {
  @Flag(name: .customLong("dynamic-pamt"), help: "The 4K PAMT is a bitmap, as with Dynamic PAMT.")
  var dynamicPAMT = false

  @Option(help: "The most TDMRs that the module takes.")
  var maxTdmrs: UInt64 = 64

  @Option(help: "The most reserved areas in a TDMR.")
  var maxReserved: UInt64 = 16

  @Option(help: ArgumentHelp("Bytes of PAMT per page: 16, or 4k=16,2m=16,1g=16.", valueName: "bytes"))
  var pamtEntryBytes = PAMTEntryBytes()

  @Option(
    name: .customLong("keyid-bits"),
    help: ArgumentHelp(
      "Address bits that hold key ids, 0 to 52 (default: the input's, else 6).",
      valueName: "n"
    )
  )
  var keyIDBits: Int?

  @Option(
    help: ArgumentHelp(
      "Bits of a physical address, which modules from 2.0.18 on read from CPUID (default: 52).",
      valueName: "n"
    )
  )
  var physBits: Int?

  var limits: ModuleLimits {
    ModuleLimits(maxTDMRs: maxTdmrs, maxReserved: maxReserved, pamtEntryBytes: pamtEntryBytes)
  }

  func validate() throws {
    if let keyIDBits, !(0...maxAddressBits).contains(keyIDBits) {
      throw ValidationError("--keyid-bits must be 0 to \(maxAddressBits), not \(keyIDBits)")
    }
    let known = NamedProfiles.knownPhysBits
    if let physBits, !known.contains(physBits) {
      throw ValidationError("--phys-bits must be \(known.lowerBound) to \(known.upperBound), not \(physBits)")
    }
  }
}

extension PAMTEntryBytes: ExpressibleByArgument {
  /// `16` for all levels, or `4k=16,2m=16,1g=16`; levels that are not named keep 16.
  public init?(argument: String) {
    if let bytes = UInt16(argument) {
      self.init(page4K: bytes, page2M: bytes, page1G: bytes)
      return
    }
    self.init()
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard sides.count == 2, let bytes = UInt16(sides[1]) else { return nil }
      switch sides[0].lowercased() {
      case "4k": page4K = bytes
      case "2m": page2M = bytes
      case "1g": page1G = bytes
      default: return nil
      }
    }
  }

  public var defaultValueDescription: String { "\(page4K)" }
}

extension Policy: ExpressibleByArgument {}
extension Placement: ExpressibleByArgument {}
