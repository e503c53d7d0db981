import TDXMemory

/// Why sources of one machine differ where each of them is right.
extension Findings {
  /// The rules by which one source has memory that another does not have, in sentences.
  ///
  /// - Parameters:
  ///   - source: has the memory.
  ///   - memory: whole pages at or above 1 MiB.
  ///   - other: has it not.
  func rules(_ source: MapSource, _ memory: [AddressRange], _ other: MapSource) -> [String] {
    guard !memory.isEmpty else { return [] }
    var rules: [String] = []
    if other == .ioMemory, isTakenLate(memory) {
      rules.append(
        "By rule: /proc/iomem follows e820 to the end, and firmware's tables or the ESRT took this memory after memblock "
          + "was made; to memblock, and to TDX, it is memory."
      )
    }
    if source == .ioMemory, memory.allSatisfy(isWholeSections) {
      rules.append(
        "By rule: whole memory blocks that only /proc/iomem has came after boot (hot-added); the lists of a boot log are "
          + "older."
      )
    }
    if source == .firmwareMemmap || source == .efi, isMapOfUser {
      rules.append(
        "By rule: the \(source) is what firmware said, and has memory that mem= or memmap= gave up."
      )
    }
    if other == .firmwareMemmap, memory.allSatisfy(isWholeSections) {
      rules.append(
        "By rule: the \(other) is what firmware said at boot, and does not have what was added later."
      )
    }
    return rules
  }

  /// Whether all of it was taken from e820 after memblock was made, as far as the log tells.
  private func isTakenLate(_ ranges: [AddressRange]) -> Bool {
    guard let ramInTheEnd else { return false }
    let left = wholePages(ramInTheEnd.entries.map(\.range))
    return totalBytes(subtract(left, from: ranges)) == totalBytes(ranges)
  }

  /// Memory is added by blocks, and a block is whole sections.
  private func isWholeSections(_ range: AddressRange) -> Bool {
    (range.start | range.end).isMultiple(ofPowerOfTwo: 128 << 20)
  }
}
