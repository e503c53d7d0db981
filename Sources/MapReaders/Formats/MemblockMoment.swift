import TDXMemory

/// Tells from a boot log whether memblock has been filled.
///
/// `setup_arch` fills memblock.memory at one moment, from the e820 table as it then stands (`e820__memblock_setup`). What
/// it prints comes in one order, whatever the kernel: firmware's table, those of mem=, memmap= and setup_data, edits, the
/// highest page frame, what MTRRs trim, the highest page frame below 4 GiB; then that moment; then the ESRT, the direct
/// map, the log's buffer, the initrd, ACPI tables, nodes. So a table or an edit is late if anything of the latter stands
/// between it and the table before it.
struct MemblockMoment {
  private(set) var isPast = false
  /// Up to where the log has been looked at; nil before the first line of a table.
  private var position: UnsafePointer<UInt8>?
  private var highestPageFrame: UInt64 = 0

  /// The words of what is printed after the moment, each with a byte that logs seldom have.
  private static let marks: [(StaticString, rareByte: Int)] = [
    ("esrt: ", 4),  // esrt: Reserving ESRT space from 0x…
    ("RAMDISK: ", 4),  // RAMDISK: [mem 0x…-0x…]
    ("Secure boot ", 7),
    ("Using GB pages", 6),
    ("init_memory_mapping", 4),  // before 4.11
    ("log_buf_len", 3),
    ("log buf free", 8),  // printk: early log buf free: 129152(98%)
    ("BRK [0x", 2),
    ("MP-table at ", 2),  // found SMP MP-table at [mem 0x…-0x…]
    ("mirrored memory", 14),  // efi: Memory: 1024M/8192M mirrored memory
    ("MEMBLOCK configuration:", 3),
    ("e820__memblock_setup", 15),
    ("memblock_x86_fill", 12),
    ("ACPI: RSDP ", 9),
    ("SRAT: ", 3),
    ("NUMA", 1),
    ("NODE_DATA(", 4),
    ("Zone ranges:", 0),
    ("Early memory node ranges", 13),
  ]

  /// Begins with the table of firmware: another boot.
  mutating func restart() { self = MemblockMoment() }

  /// Looks at what has been printed since the last table or edit.
  ///
  /// - Parameter line: where the line starts that is about to be read; it may lie before what has been looked at, where
  ///   a log is read again.
  /// - Complexity: every byte between the first line of a table and the moment is looked at once for each mark.
  mutating func arrive(at line: UnsafePointer<UInt8>) {
    guard !isPast, let position, position < line else { return }
    let text = TextCursor(from: position, to: line)
    self.position = line
    isPast = Self.marks.contains { text.find($0, by: $1) != nil } || passesLowPageFrame(in: text)
  }

  /// The same for a line that edits the table. Between the first `last_pfn` and the moment MTRRs alone edit it, and what
  /// they leave out is whole megabytes; the pages of the ESRT, of keys and the like come later (`efi_mem_reserve`).
  mutating func arrive(at line: UnsafePointer<UInt8>, toEdit range: AddressRange) {
    arrive(at: line)
    if highestPageFrame > 0, !(range.start | range.end).isMultiple(ofPowerOfTwo: 1 << 20) { isPast = true }
  }

  /// Passes a line of a table, or an edit.
  mutating func pass(to end: UnsafePointer<UInt8>) {
    if position.map({ $0 < end }) ?? true { position = end }
  }

  /// `last_pfn = 0x140000 max_arch_pfn = 0x400000000`, and below 4 GiB once more (`e820__end_of_low_ram_pfn`), the last
  /// thing before memblock.
  private mutating func passesLowPageFrame(in text: TextCursor) -> Bool {
    var rest = text
    while let found = rest.find("last_pfn = ", by: 4) {
      rest = TextCursor(from: found, to: text.end)
      _ = rest.take("last_pfn = ")
      guard let frame = rest.takeHex() else { continue }
      if frame <= Self.lowPageFrames, highestPageFrame > Self.lowPageFrames { return true }
      highestPageFrame = max(highestPageFrame, frame)
    }
    return false
  }

  /// 4 GiB.
  private static let lowPageFrames: UInt64 = 1 << 20
}
