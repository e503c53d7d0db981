extension KernelChange {
  /// What changed about TDX hosts from kernel to kernel, in the order of releases.
  ///
  /// "x86 tree of September 2026" is `arch/x86/virt/vmx/tdx/tdx.c` with Dynamic PAMT as it stood there.
  public static let all: [KernelChange] = [
    KernelChange(
      .host,
      since: KernelRelease(6, 8),
      "the kernel can be a TDX host; kernels before carry Intel's patches",
      source: "torvalds/linux v6.8, arch/x86/virt/vmx/tdx/tdx.c"
    ),
    KernelChange(
      .convertibleMemory,
      since: nil,
      "Ubuntu's kernels for TDX (6.8.0-…-intel) and Intel's print the CMRs and check memory against them; mainline does not",
      source: "canonical/tdx issue 135 and the logs of the tests; no such line in mainline's tdx.c"
    ),
    KernelChange(
      .framePointer,
      since: KernelRelease(6, 14),
      "a module that overwrites RBP when a TD is left is refused",
      source: "torvalds/linux v6.14, tdx.c, check_features"
    ),
    KernelChange(
      .initialisedByKVM,
      since: KernelRelease(6, 16),
      until: KernelRelease(7, 1),
      "KVM initialises the module when kvm_intel is loaded with tdx=1",
      source: "torvalds/linux v6.16, arch/x86/kvm/vmx/tdx.c, tdx_bringup"
    ),
    KernelChange(
      .handover,
      since: KernelRelease(6, 16),
      "memblock keeps what a kernel before kexec handed over as regions of their own (flag 0x40)",
      source: "torvalds/linux v6.16, include/linux/memblock.h and kho_populate"
    ),
    KernelChange(
      .kexecRefused,
      since: KernelRelease(6, 18),
      until: KernelRelease(7, 2),
      "processors with the partial write erratum (tdx_pw_mce) load no second kernel",
      source: "torvalds/linux v6.18, arch/x86/kernel/machine_kexec_64.c"
    ),
    KernelChange(
      .initialisedAtBoot,
      since: KernelRelease(7, 1),
      "the kernel initialises the module while it boots (subsys_initcall), not when KVM is loaded",
      source: "x86 tree of September 2026, tdx_enable; intel/lkvs pull request 575 names 7.1"
    ),
    KernelChange(
      .resultWords,
      since: KernelRelease(7, 1),
      "the result is `TDX-Module initialized` or `TDX-Module initialization failed (%d)`, without the word `module` of before",
      source: "x86 tree of September 2026, tdx_enable; intel/lkvs pull request 575 names 7.1"
    ),
    KernelChange(
      .refusedAtBoot,
      since: KernelRelease(7, 1),
      "no host platform, XSAVE, MOVDIR64B and self-snoop are refused at boot by the core, no longer by KVM",
      source: "x86 tree of September 2026, tdx_enable"
    ),
    KernelChange(
      .switchedOff,
      since: KernelRelease(7, 2),
      "the module is switched off at shutdown (TDH.SYS.DISABLE), so a second kernel can initialise it; modules that do not have "
        + "the call stay as they are",
      source:
        "tip commits b7d2173946ef and 5b25f249be32; x86 tree of September 2026, tdx_shutdown and tdx_sys_disable"
    ),
    KernelChange(
      .moduleUpdate,
      since: nil,
      "the module is updated at run time; /sys/devices/faux/tdx_host has version, seamldr_version and num_remaining_updates",
      source:
        "x86 tree of September 2026, drivers/virt/coco/tdx-host/tdx-host.c; its first release is not known here"
    ),
    KernelChange(
      .dynamicPAMT,
      since: KernelRelease(7, 4),
      "Dynamic PAMT turns itself on where the module has feature bit 36; there is no option against it",
      source:
        "x86 tree of September 2026, config_tdx_module (`Enable Dynamic PAMT`), and PATCH v6 10/11 of 26 May 2026; that 7.3-rc1 "
        + "has it not, so that 7.4 is the first, is by the issue's word",
      .said
    ),
    KernelChange(
      .moduleExtensions,
      since: nil,
      "the module's extensions get tens of megabytes that never come back",
      source: "PATCH v2 04/17 of 18 June 2026 by Xu Yilun on linux-kernel; posted, not merged"
    ),
  ]
}
