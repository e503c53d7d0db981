import Testing

@testable import MapReaders

@Suite struct HostSupportTests {
  private func support(_ text: String) -> HostSupport? {
    Array(text.utf8).withUnsafeBytes { HostSupport(cpuinfo: $0) }
  }

  private func cpuinfo(_ vendor: String, _ flags: String) -> String {
    """
    processor\t: 0
    vendor_id\t: \(vendor)
    model name\t: INTEL(R) XEON(R) PLATINUM 8580: tdx_host_platform
    flags\t\t: fpu vme \(flags)
    bugs\t\t: spectre_v1

    processor\t: 1
    vendor_id\t: \(vendor)
    flags\t\t: fpu

    """
  }

  @Test(
    "a processor of each kind",
    arguments: [
      ("GenuineIntel", "tdx_host_platform sgx", .offered), ("GenuineIntel", "hypervisor", .virtualMachine),
      ("GenuineIntel", "hypervisor tdx_guest", .trustDomain),
      ("AuthenticAMD", "sme sev", .otherVendor("AuthenticAMD")),
      ("AuthenticAMD", "hypervisor", .virtualMachine), ("GenuineIntel", "sgx", .notOffered),
    ] as [(String, String, HostSupport)]
  )
  func kinds(vendor: String, flags: String, expected: HostSupport) {
    #expect(support(cpuinfo(vendor, flags)) == expected)
    #expect((expected.obstacle == nil) == (expected == .offered))
  }

  @Test("what is wrong and what is needed are both said")
  func sentences() {
    for support in [HostSupport.trustDomain, .virtualMachine, .otherVendor("X"), .notOffered] {
      #expect(support.obstacle?.hasPrefix("This machine is no TDX host: ") == true)
      #expect(support.obstacle?.contains("TDX needs an Intel Xeon") == true)
    }
    #expect(HostSupport.otherVendor("AuthenticAMD").obstacle?.contains("made by AuthenticAMD") == true)
  }

  @Test(
    "texts that list no flags tell nothing",
    arguments: ["", "\n", "flags", "flags:", "Processor: ARMv8\nFeatures: fp"]
  )
  func nothingKnown(text: String) { #expect(support(text) == nil) }
}
