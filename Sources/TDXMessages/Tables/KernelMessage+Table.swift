extension KernelMessage {
  /// Every message that is known: first those of the core in the order in which a boot comes to them.
  ///
  /// From `arch/x86/virt/vmx/tdx/tdx.c` and `arch/x86/kvm/vmx/tdx.c` of the releases that are named, from
  /// `machine_kexec_64.c`, `cpu/intel.c` and `cpu/feat_ctl.c`; "out of tree" is Intel's tdx-linux and the kernels of
  /// Ubuntu and others that carry it (5.12 to 6.8).
  public static let all: [KernelMessage] = core + kvm + kexec + processor + posted

  private static let biosHint =
    "in the BIOS, enable TME, TME-MT, TDX with its SEAM loader, and SGX, and leave key ids to TDX"
  private static let moduleHint =
    "update the BIOS, or put a newer module where the BIOS loads it from (EFI/TDX/TDX-SEAM.so of the EFI partition)"

  private static let core: [KernelMessage] = [
    // The BIOS and the kernel's own conditions.
    KernelMessage(
      .core,
      "BIOS enabled: private KeyID range [%, %)",
      "6.8 on",
      .tells,
      "the BIOS has left key ids to TDX"
    ),
    KernelMessage(
      .core,
      "BIOS enabled: private KeyID range: [%, %)",
      "posted for 6.8, the documentation since",
      .tells,
      "the BIOS has left key ids to TDX"
    ),
    KernelMessage(
      .core,
      "initialization failed: too few private KeyIDs available",
      "6.8 on",
      .refuses,
      "the BIOS left TDX one key id, which the module needs for itself, and none for TDs",
      remedy: "in the BIOS, give TDX a larger part of the key ids (TME-MT/TDX key split)"
    ),
    KernelMessage(
      .core,
      "initialization failed: Hibernation support is enabled",
      "6.8 on",
      .refuses,
      "Linux does not use TDX where it could hibernate, because hibernation loses the memory of TDs",
      remedy: "boot with `nohibernate`"
    ),
    KernelMessage(
      .core,
      "initialization failed: register_memory_notifier() failed (%)",
      "6.8 on",
      .refuses,
      "Linux could not watch memory that comes online, and does without TDX"
    ),
    KernelMessage(
      .core,
      "Disable ACPI S3. Turn off TDX in the BIOS to use ACPI S3",
      "6.8 on",
      .tells,
      "suspend to memory is off while TDX is on"
    ),
    KernelMessage(
      .core,
      "TDX not supported by the host platform",
      "7.1 on",
      .refuses,
      "the BIOS left no key ids to TDX, or Linux refused TDX early in the boot",
      remedy: biosHint
    ),
    KernelMessage(
      .core,
      "XSAVE is required for TDX",
      "7.1 on",
      .refuses,
      "the processor's XSAVE is off: `noxsave` or a hypervisor below",
      remedy: "boot without `noxsave`"
    ),
    KernelMessage(
      .core,
      "MOVDIR64B is required for TDX",
      "7.1 on",
      .refuses,
      "the processor does not report MOVDIR64B, which clears the memory of TDs",
      remedy: "boot without `clearcpuid=movdir64b`, on the bare machine"
    ),
    KernelMessage(
      .core,
      "Self-snoop is required for TDX",
      "7.1 on",
      .refuses,
      "the processor does not report self-snoop, without which caches and memory of TDs could disagree",
      remedy: "boot without `clearcpuid=selfsnoop`, on the bare machine"
    ),
    KernelMessage(
      .core,
      "SEAMRR not enabled",
      "out of tree",
      .refuses,
      "the BIOS set no memory aside for the module",
      remedy: biosHint
    ),
    KernelMessage(
      .core,
      "Number of TDX private KeyIDs too small: %",
      "out of tree",
      .refuses,
      "the BIOS left TDX too few key ids",
      remedy: biosHint
    ),
    KernelMessage(
      .core,
      "%TDX is not enabled by BIOS",
      "out of tree",
      .causesFailure(.other),
      "the processor refused the first call to the module (#GP)",
      remedy: biosHint
    ),
    KernelMessage(
      .core,
      "not enabled by BIOS",
      "out of tree",
      .causesFailure(.other),
      "the processor refused the first call to the module (#GP)",
      remedy: biosHint
    ),

    // The module.
    KernelMessage(
      .core,
      "module not loaded",
      "6.8 on",
      .causesFailure(.other),
      "the BIOS loaded no TDX module",
      remedy: "\(biosHint); \(moduleHint)"
    ),
    KernelMessage(
      .core,
      "module is not loaded",
      "out of tree",
      .causesFailure(.other),
      "the BIOS loaded no TDX module",
      remedy: "\(biosHint); \(moduleHint)"
    ),
    KernelMessage(
      .core,
      "TDX module is not loaded",
      "out of tree",
      .causesFailure(.other),
      "the BIOS loaded no TDX module",
      remedy: "\(biosHint); \(moduleHint)"
    ),
    KernelMessage(
      .core,
      "TDX module is outdated. Use v1.0.3 or newer",
      "out of tree",
      .causesFailure(.other),
      "the module does not go together with these processors",
      remedy: moduleHint
    ),
    KernelMessage(
      .core,
      "not in VMX operation",
      "out of tree",
      .causesFailure(.other),
      "a call to the module was made before virtualization was on"
    ),
    KernelMessage(
      .core,
      "CPU is not in VMX operation",
      "out of tree",
      .causesFailure(.other),
      "a call to the module was made before virtualization was on"
    ),
    KernelMessage(
      .core,
      "frame pointer (RBP) clobber bug present, upgrade TDX module",
      "6.14 on",
      .causesFailure(.other),
      "the module is so old that it overwrites RBP when a TD is left, which no Linux kernel survives",
      remedy: moduleHint
    ),
    KernelMessage(
      .core,
      "NO_RBP_MOD feature is not supported",
      "posted for 6.12",
      .causesFailure(.other),
      "the module is so old that it overwrites RBP when a TD is left, which no Linux kernel survives",
      remedy: moduleHint
    ),
    KernelMessage(
      .core,
      "TDX P-SEAMLDR: %",
      "out of tree",
      .tells,
      "the version of the module's loader"
    ),
    KernelMessage(
      .core,
      "TDX module detected",
      "out of tree",
      .tells,
      "the BIOS loaded a module"
    ),
    KernelMessage(
      .core,
      "TDDEBUGCONFIG isn't supported",
      "out of tree",
      .tells,
      "the module is no debug build, as it should be"
    ),

    // The memory.
    KernelMessage(
      .core,
      "initialization failed: TDMRs exhausted",
      "6.8 on",
      .causesFailure(.memory),
      "the memory needs more TDMRs than the module takes"
    ),
    KernelMessage(
      .core,
      "initialization failed: TDMR [%, %): reserved areas exhausted",
      "6.8 on",
      .causesFailure(.memory),
      "the TDMR has more holes and PAMTs than the module takes reserved areas"
    ),
    KernelMessage(
      .core,
      "memory region [%, %) is not TDX convertible memory",
      "distributions' 6.8",
      .causesFailure(.memory),
      "the memory does not lie inside one CMR"
    ),
    KernelMessage(
      .core,
      "consumed TDMRs reaching limit: % used out of %",
      "6.8 on",
      .tells,
      "fewer than four TDMRs are left"
    ),
    KernelMessage(
      .core,
      "TDMR [%, %): unable to find local NUMA node for PAMT allocation, fallback to use node 0",
      "6.8 on",
      .tells,
      "no memory lies in the TDMR; its PAMT is asked for on node 0"
    ),
    KernelMessage(
      .core,
      "Enable Dynamic PAMT",
      "series of 2026, not in 7.3",
      .tells,
      "Linux uses Dynamic PAMT, because the module offers it"
    ),
    KernelMessage(
      .core,
      "% KB allocated for PAMT",
      "6.8 on",
      .tells,
      "what the PAMTs cost"
    ),
    KernelMessage(
      .core,
      "% KBs allocated for PAMT",
      "out of tree",
      .tells,
      "what the PAMTs cost"
    ),
    KernelMessage(
      .core,
      "% pages allocated for PAMT",
      "out of tree",
      .tells,
      "what the PAMTs cost, in pages of 4 KiB"
    ),

    // How it ended.
    KernelMessage(.core, "module initialized", "6.8 to 7.0", .succeeds, "TDX is initialised"),
    KernelMessage(.core, "TDX-Module initialized", "7.1 on", .succeeds, "TDX is initialised"),
    KernelMessage(.core, "TDX module initialized", "out of tree", .succeeds, "TDX is initialised"),
    KernelMessage(.core, "TDX initialized", "out of tree", .succeeds, "TDX is initialised"),
    KernelMessage(
      .core,
      "module initialization failed (%)",
      "6.8 to 7.0",
      .endsInFailure,
      "TDX could not be initialised"
    ),
    KernelMessage(
      .core,
      "TDX-Module initialization failed (%)",
      "7.1 on",
      .endsInFailure,
      "TDX could not be initialised"
    ),
    KernelMessage(
      .core,
      "module initialization failed",
      "out of tree",
      .endsInFailure,
      "TDX could not be initialised"
    ),
    KernelMessage(
      .core,
      "initialization failed: %",
      "6.8 on",
      .causesFailure(.other),
      "the initialisation failed"
    ),

    // After it.
    KernelMessage(
      .core,
      "TDX requires all packages to have an online CPU. Delete all TDs in order to offline all CPUs of a package",
      "7.1 on",
      .happensLater,
      "the last processor of a package stays online while TDs run"
    ),
    KernelMessage(
      .core,
      "Guest detected",
      "5.16 on",
      .tells,
      "this is the log of a TD, not of a host: what it says of memory is what its host gave it"
    ),

    KernelMessage(
      .core,
      "Loading TDX module via P-SEAMLDR",
      "out of tree",
      .tells,
      "Linux loads the module itself"
    ),
    KernelMessage(
      .core,
      "support upto % TD keyids",
      "out of tree",
      .tells,
      "how many TDs can have a key at once"
    ),
    KernelMessage(.core, "TDX SEAM module: %", "out of tree", .tells, "the module's version"),

    // The module's version, last: what stands above begins like it.
    KernelMessage(
      .core,
      "TDX module: %",
      "out of tree",
      .tells,
      "the module's version"
    ),
    KernelMessage(
      .core,
      "TDX module %",
      "distributions",
      .tells,
      "the module's version"
    ),
    KernelMessage(
      .core,
      "TDX-Module %.%",
      "distributions",
      .tells,
      "the module's version"
    ),
    KernelMessage(
      .core,
      "module verson: %",
      "posted for 6.12",
      .tells,
      "the module's version"
    ),
    KernelMessage(
      .core,
      "module version: %",
      "posted for 6.12",
      .tells,
      "the module's version"
    ),
  ]

  private static let kvm: [KernelMessage] = [
    KernelMessage(
      .kvm,
      "tdx: no TDX private KeyIDs available",
      "6.16 to 7.0",
      .refusesGuests,
      "the BIOS left no key ids to TDX, or Linux refused TDX early in the boot",
      remedy: biosHint
    ),
    KernelMessage(
      .kvm,
      "TDX not supported by the host platform",
      "7.1 on",
      .refusesGuests,
      "the BIOS left no key ids to TDX, or Linux refused TDX early in the boot",
      remedy: biosHint
    ),
    KernelMessage(
      .kvm,
      "EPT is required for TDX",
      "6.16 on",
      .refusesGuests,
      "KVM runs without EPT",
      remedy: "load kvm_intel without `ept=0`"
    ),
    KernelMessage(
      .kvm,
      "TDP MMU and MMIO caching and EPT A/D bit is required for TDX",
      "6.16 on",
      .refusesGuests,
      "KVM runs without its TDP MMU, without MMIO caching or without accessed and dirty bits",
      remedy: "load kvm without `tdp_mmu=0` and `mmio_caching=0`, kvm_intel without `eptad=0`"
    ),
    KernelMessage(
      .kvm,
      "APICv is required for TDX",
      "6.16 on",
      .refusesGuests,
      "KVM runs without APICv",
      remedy: "load kvm_intel without `enable_apicv=0`"
    ),
    KernelMessage(
      .kvm,
      "tdx: OSXSAVE is required for TDX",
      "6.16 to 7.0",
      .refusesGuests,
      "the processor's XSAVE is off: `noxsave` or a hypervisor below",
      remedy: "boot without `noxsave`"
    ),
    KernelMessage(
      .kvm,
      "tdx: MOVDIR64B is required for TDX",
      "6.16 to 7.0",
      .refusesGuests,
      "the processor does not report MOVDIR64B, which clears the memory of TDs",
      remedy: "boot without `clearcpuid=movdir64b`, on the bare machine"
    ),
    KernelMessage(
      .kvm,
      "Self-snoop is required for TDX",
      "6.16 to 7.0",
      .refusesGuests,
      "the processor does not report self-snoop, without which caches and memory of TDs could disagree",
      remedy: "boot without `clearcpuid=selfsnoop`, on the bare machine"
    ),
    KernelMessage(
      .kvm,
      "tdx: tdx requires kvm.enable_virt_at_load=1",
      "6.16 to 7.0",
      .refusesGuests,
      "virtualization is not switched on when KVM is loaded",
      remedy: "load kvm with `enable_virt_at_load=1`"
    ),
    KernelMessage(
      .kvm,
      "Disable TDX: MAX_VCPU_PER_TD (%) smaller than number of logical CPUs (%)",
      "6.16 on",
      .refusesGuests,
      "the module allows a TD fewer virtual processors than the machine has processors",
      remedy: moduleHint
    ),
    KernelMessage(
      .kvm,
      "MSR % isn't included by kvm_find_user_return_msr",
      "6.16 on",
      .refusesGuests,
      "KVM cannot save a register that TDs change: a fault of this kernel"
    ),
    KernelMessage(
      .kvm,
      "Failed to initialize TDX module",
      "out of tree",
      .endsInFailure,
      "TDX could not be initialised"
    ),
    KernelMessage(
      .kvm,
      "Cannot enable TDX with EPT disabled",
      "out of tree",
      .refusesGuests,
      "KVM runs without EPT",
      remedy: "load kvm_intel without `ept=0`"
    ),
    KernelMessage(
      .kvm,
      "TDX requires TDP MMU.  Please enable TDP MMU for TDX",
      "out of tree",
      .refusesGuests,
      "KVM runs without its TDP MMU",
      remedy: "load kvm with `tdp_mmu=1`"
    ),
    KernelMessage(
      .kvm,
      "TDX requires mmio caching.  Please enable mmio caching for TDX",
      "out of tree",
      .refusesGuests,
      "KVM runs without MMIO caching",
      remedy: "load kvm with `mmio_caching=1`"
    ),
    KernelMessage(
      .kvm,
      "TDX requires baremetal. Not Supported on VMM guest",
      "out of tree",
      .refusesGuests,
      "this kernel runs in a virtual machine",
      remedy: "run it on the bare machine"
    ),
    KernelMessage(.kvm, "TDX is supported", "out of tree", .tells, "KVM offers TDs"),
    KernelMessage(
      .kvm,
      "tdx: max servtds supported per user TD is %",
      "out of tree",
      .tells,
      "how many service TDs a TD may have"
    ),
    KernelMessage(.kvm, "tdx: live migration supported", "out of tree", .tells, "TDs can be migrated"),
    KernelMessage(.kvm, "tdx: td partitioning supported", "out of tree", .tells, "TDs can be partitioned"),
    KernelMessage(
      .kvm,
      "tdh_mng_key_freeid() failed. HKID % is leaked",
      "6.16 on",
      .happensLater,
      "a TD's key id could not be freed: one TD less fits from now on"
    ),
    KernelMessage(
      .kvm,
      "tdh_mng_vpflushdone() failed. HKID % is leaked",
      "6.16 on",
      .happensLater,
      "a TD's key id could not be freed: one TD less fits from now on"
    ),
    KernelMessage(
      .kvm,
      "TDX requires all packages to have an online CPU. Delete all TDs in order to offline all CPUs of a package",
      "6.16 to 7.0",
      .happensLater,
      "the last processor of a package stays online while TDs run"
    ),
  ]

  private static let kexec: [KernelMessage] = [
    KernelMessage(
      .kexec,
      "Not allowed on platform with tdx_pw_mce bug",
      "6.18 to 7.1",
      .happensLater,
      "no second kernel, and so no kdump: on these processors it would trip over memory that TDX has poisoned",
      remedy: "7.2 with a module that has TDH.SYS.DISABLE allows it"
    )
  ]

  private static let processor: [KernelMessage] = [
    KernelMessage(.processor, "enabled by BIOS", "5.2 on", .tells, "the BIOS enabled memory encryption"),
    KernelMessage(
      .processor,
      "not enabled by BIOS",
      "5.2 on",
      .tells,
      "the BIOS left memory encryption (TME) off, which TDX needs",
      remedy: biosHint
    ),
    KernelMessage(
      .processor,
      "disabled by BIOS",
      "5.2 on",
      .tells,
      "the BIOS left memory encryption with several keys (TME-MT) off, which TDX needs",
      remedy: biosHint
    ),
    KernelMessage(
      .processor,
      "% KeyIDs available",
      "5.2 on",
      .tells,
      "how many key ids there are, TDX's and others'"
    ),
    KernelMessage(
      .processor,
      "configuration is inconsistent between CPUs",
      "5.2 to 6.8",
      .tells,
      "the BIOS set memory encryption up differently on some processors",
      remedy: "update the BIOS"
    ),
    KernelMessage(
      .processor,
      "SGX disabled by BIOS",
      "5.6 to 6.11",
      .tells,
      "the BIOS left SGX off, without which it loads no TDX module",
      remedy: biosHint
    ),
    KernelMessage(
      .processor,
      "SGX disabled or unsupported by BIOS",
      "6.12 on",
      .tells,
      "the BIOS left SGX off, without which it loads no TDX module",
      remedy: biosHint
    ),
    KernelMessage(
      .processor,
      "VMX (%) disabled by BIOS",
      "5.6 on",
      .tells,
      "the BIOS left virtualization off",
      remedy: "in the BIOS, enable VT-x"
    ),
  ]
}
