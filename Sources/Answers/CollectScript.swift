import TerminalText

/// Shell lines that gather what describes a host's memory: sources that a reader tells apart by themselves, one after the
/// other. Lines of the log are chosen by their beginnings, so that nothing else of it leaves the host.
public struct CollectScript {
  private let output: String

  /// - Parameter output: the file that they write.
  public init(output: String) { self.output = output }

  /// What lines of a kernel's log have that say something of memory or of TDX; extended regular expressions.
  private static let telling = [
    #"\[mem "#, "BIOS-e820: ", "physical RAM map", "Early memory node ranges", "CMR", "tdx: ",
    "Linux version ", "x86/tme: ", "tdx_host",
    "No NUMA configuration", "Movable zone start", "SEAMCALL", "required for TDX",
    #"number of logical CPUs \("#,
    "host platform", "Not allowed on platform", #"memory\[0x"#, #"memory\.cnt"#, "memblock_", #"range=\["#,
    "EFI runtime memory map", "Kernel bss", "Memory block size", " PFN ranges",
  ]

  /// A POSIX shell's.
  public var text: String {
    """
    # Gathers in one file what describes this host's memory. Run as root, and read the file before you send it.
    out=\(shellWord(output))
    log() {
      if dmesg 2>/dev/null | grep -q BIOS-e820; then dmesg; else
        journalctl -k -b -o short-monotonic --no-hostname --no-pager
      fi
    }
    {
      log | sed 's/^[^[]*\\[/[/; s/\\] kernel: /] /; s/\\(Linux version [^ ]*\\).*/\\1/' |
        grep -E '\(Self.telling.joined(separator: "|"))' |
        grep -v -i -E '\\] (pci|pnp|ioapic|command line)'
      cat /sys/kernel/debug/memblock/memory
      grep -E 'System RAM|Persistent Memory|Soft Reserved' /proc/iomem
    } > "$out" 2>/dev/null
    echo "$out has $(wc -l < "$out") lines. Now: tdxbench plan $out" >&2

    """
  }
}
