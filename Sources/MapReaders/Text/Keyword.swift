/// What makes a line worth reading. A keyword may stand anywhere in the line, so whatever a log puts before its
/// messages (time stamps, `<6>`, host names, `> `) needs no parsing.
enum Keyword: Int, CaseIterable {
  case memoryRange, oldE820, ramMapHeading, systemRAM, earlyHeading, debugfsRange, dumpEntry, dumpCount
  case efiRange, convertible, tdx, linuxVersion, noNUMA, zone
  case pageFrameHeading, oldEdit, memblockCall, halfOpenUsable, usableRange
  case runtimeMap, movableHeading, kernelBSS
  case seamcall, kvm, kexecPlatform
  case disabledByBIOS, unsupportedByBIOS, keyIDsAvailable, inconsistentProcessors
  case brokenBeforeRange, brokenBehindTable, brokenName

  var text: StaticString {
    switch self {
    case .memoryRange: "[mem "
    case .oldE820: "BIOS-e820: "
    case .ramMapHeading: "physical RAM map:"
    case .systemRAM: "System RAM"
    case .earlyHeading: "Early memory node ranges"
    case .debugfsRange: "..0x"
    case .dumpEntry: "memory[0x"
    case .dumpCount: "memory.cnt"
    case .efiRange: "range=["
    case .convertible: "CMR"
    case .tdx: "tdx: "
    case .linuxVersion: "Linux version "
    case .noNUMA: "No NUMA configuration found"
    case .zone: ", zone"
    case .pageFrameHeading: " PFN ranges"
    case .oldEdit: " range: "
    case .memblockCall: "memblock_"
    case .halfOpenUsable: "(usable)"
    case .usableRange: "] usable"
    case .runtimeMap: "EFI runtime memory map:"
    case .movableHeading: "Movable zone start "
    case .kernelBSS: "Kernel bss"
    case .seamcall: "SEAMCALL"
    case .kvm: "intel: "
    case .kexecPlatform: "Not allowed on platform"
    case .disabledByBIOS: "bled by BIOS"
    case .unsupportedByBIOS: "bled or unsupported by BIOS"
    case .keyIDsAvailable: "KeyIDs available"
    case .inconsistentProcessors: "configuration is inconsistent"
    case .brokenBeforeRange: "[mem\n"
    case .brokenBehindTable: "BIOS-e820:\n"
    case .brokenName: "BIOS-\n"
    }
  }

  /// Whether it is the end of a line that a mailer broke where a keyword goes on.
  var isBroken: Bool {
    self == .brokenBeforeRange || self == .brokenBehindTable || self == .brokenName
  }

  /// Where in the keyword its anchor stands, the three bytes that `KeywordScanner` looks for.
  var anchorOffset: Int {
    switch self {
    case .dumpEntry, .dumpCount: 0  // mem
    case .memoryRange: 1  // mem
    case .earlyHeading: 6  // mem
    case .ramMapHeading: 4  // ica
    case .efiRange: 1  // ang
    case .noNUMA: 11  // fig
    case .systemRAM: 1  // yst
    case .zone: 2  // zon
    case .runtimeMap: 12  // mem
    case .movableHeading: 8  // zon
    case .kernelBSS: 7  // bss
    case .debugfsRange: 1  // .0x
    case .tdx: 2  // "x: "
    case .linuxVersion: 6  // ver
    case .convertible: 0  // CMR
    case .oldE820: 2  // OS-
    case .pageFrameHeading: 6  // ang
    case .oldEdit: 2  // ang
    case .memblockCall: 0  // mem
    case .halfOpenUsable: 4  // ble
    case .usableRange: 5  // ble
    case .seamcall: 5  // ALL
    case .kvm: 3  // el:
    case .kexecPlatform: 17  // atf
    case .disabledByBIOS, .unsupportedByBIOS: 0  // ble
    case .keyIDsAvailable: 13  // ble
    case .inconsistentProcessors: 3  // fig
    case .brokenBeforeRange: 1  // mem
    case .brokenBehindTable, .brokenName: 2  // OS-
    }
  }
}
