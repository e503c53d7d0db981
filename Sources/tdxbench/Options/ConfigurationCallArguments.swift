import ArgumentParser
import TDXMemory
import TDXMessages

/// What TDH.SYS.CONFIG is called with beside TDMRs and key id.
struct ConfigurationCallArguments: ParsableArguments {
  @Option(help: ArgumentHelp("The version of TDH.SYS.CONFIG that is called, 0 to 255.", valueName: "n"))
  var configVersion: UInt64 = 0

  @Option(
    name: .customLong("r9"),
    help: ArgumentHelp("With version 1: the features to enable, as bits.", valueName: "bits")
  )
  var features = Bits(value: 0)

  @Option(name: .customLong("r10"), help: ArgumentHelp("With version 1: R10, which is 0.", valueName: "bits"))
  var reserved = Bits(value: 0)

  @Option(
    name: .customLong("tdx-features0"),
    help: ArgumentHelp("The features that the module offers, as bits (default: all).", valueName: "bits")
  )
  var offered = Bits(value: .max)

  @Option(
    name: .customLong("smrr"),
    help: ArgumentHelp(
      "Memory of the BIOS's system management mode (SMRR; once more for SMRR2), which no CMR may have.",
      valueName: "range"
    )
  )
  var smrrs: [MemoryRangeArgument] = []

  @Option(
    name: .customLong("module"),
    help: ArgumentHelp("The TDX module, 1.0 to 2.0.18: whether it has version 1.", valueName: "version")
  )
  var moduleVersion: ModuleVersion?

  /// A 64-bit number, decimal or hexadecimal with 0x.
  struct Bits: ExpressibleByArgument {
    var value: UInt64

    init(value: UInt64) { self.value = value }

    init?(argument: String) {
      let value =
        argument.hasPrefix("0x") ? UInt64(argument.dropFirst(2), radix: 16) : UInt64(argument)
      guard let value else { return nil }
      self.init(value: value)
    }

    var defaultValueDescription: String { "0x\(String(value, radix: 16))" }
  }

  var call: ConfigurationCall {
    ConfigurationCall(
      version: configVersion,
      features: features.value,
      reserved: reserved.value,
      offeredFeatures: offered.value
    )
  }

  var managementRanges: SystemManagementRanges {
    let ranges = smrrs.map { SystemManagementRange(base: $0.range.start, size: $0.range.size) }
    return SystemManagementRanges(ranges.first, ranges.count > 1 ? ranges[1] : nil)
  }

  func validate() throws {
    if let moduleVersion, !moduleVersion.isKnown {
      throw ValidationError("--module must be 1.0 to \(ModuleProfile.newest), not \(moduleVersion)")
    }
    guard configVersion <= ConfigurationCall.newestNumber else {
      throw ValidationError(
        "--config-version must be 0 to \(ConfigurationCall.newestNumber), not \(configVersion)"
      )
    }
    guard smrrs.count <= 2 else {
      throw ValidationError("--smrr names SMRR and SMRR2, and there are no more")
    }
    guard configVersion > 0 || features.value == 0 && reserved.value == 0 else {
      throw ValidationError("--r9 and --r10 are for --config-version 1")
    }
  }
}
