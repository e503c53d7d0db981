extension ModuleRelease {
  /// The releases of github.com/intel/confidential-computing.tdx.tdx-module and its `.binaries`, with the build numbers of
  /// their notes.
  public static let all: [ModuleRelease] = [
    ModuleRelease(1, 5, 1, build: 595), ModuleRelease(1, 5, 5, build: 698),
    ModuleRelease(1, 5, 6, build: 744),
    ModuleRelease(1, 5, 8, build: 784), ModuleRelease(1, 5, 9), ModuleRelease(1, 5, 13, build: 864),
    ModuleRelease(1, 5, 16, build: 869), ModuleRelease(1, 5, 20, build: 920),
    ModuleRelease(1, 5, 24, build: 943),
    ModuleRelease(1, 5, 25, build: 954), ModuleRelease(1, 5, 28, build: 989), ModuleRelease(1, 5, 34),
    ModuleRelease(2, 0, 2, build: 786), ModuleRelease(2, 0, 4, build: 859), ModuleRelease(2, 0, 5),
    ModuleRelease(2, 0, 8, build: 882), ModuleRelease(2, 0, 12, build: 924),
    ModuleRelease(2, 0, 14, build: 947),
    ModuleRelease(2, 0, 16, build: 994), ModuleRelease(2, 0, 18),
  ]
}

extension ModuleChange {
  /// What changed in the module, in the order of releases.
  public static let all: [ModuleChange] = [
    ModuleChange(
      subject: .metadata,
      since: [((1, 5), 0), ((2, 0), 0)],
      what: "TDH.SYS.RD reads metadata fields; a 1.0 does not have it, and Linux cannot do without",
      source: "TDX module 1.5.01, published source, tdh_sys_rd.c",
      evidence: .read
    ),
    ModuleChange(
      subject: .dynamicPAMT,
      since: [((1, 5), 20), ((2, 0), 8)],
      what:
        "Dynamic PAMT: bit 36 of TDX_FEATURES0, bit 16 of R8 in TDH.SYS.CONFIG, fields PAMT_PAGE_BITMAP_ENTRY_BITS "
        + "(0x9100000100000013) and MIN_DYNAMIC_PAMT_NUM_HKID_BITS (0x9100000100000014)",
      source: "release notes of 1.5.20 and 2.0.08; asm/tdx.h of the series of 2026 for bit 36",
      evidence: .read
    ),
    ModuleChange(
      subject: .configVersion1,
      since: [((2, 0), 18)],
      what: "TDH.SYS.CONFIG has a version 1: R9 enables features of TDX_FEATURES0, R10 is 0",
      source:
        "that it is in 2.0.18, and what R9 and R10 are, by the issue's word; commit 1666adc494db of intel/tdx-module, tdh_sys_config.c, "
        + "has one version alone, PATCH v2 11/31 of 27 March 2026 on linux-kernel calls TDH_SYS_CONFIG_V1",
      evidence: .said
    ),
    ModuleChange(
      subject: .physicalBits,
      since: [((2, 0), 18)],
      what: "the width of an address is the processor's (CPUID 0x80000008), and 52 bits before",
      source:
        "intel/tdx-module, tdh_sys_init.c: a later published source sets max_pa from CPUID 0x80000008 where 1.5 has MAX_PA, 52; "
        + "both still count key ids from MAX_PA down, so that 2.0.18 is the first that does not is by the issue's word",
      evidence: .said
    ),
  ]
}
