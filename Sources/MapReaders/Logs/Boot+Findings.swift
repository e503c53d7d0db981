import TDXMemory

extension Boot {
  /// What this boot said, each source by itself.
  func findings(file: String) throws(InputError) -> Findings {
    var findings = Findings()
    findings.add(memblock.list, from: .memblock, file: file, keepsBorders: true)
    findings.add(earlyNodes.list, from: .earlyNodeRanges, file: file, keepsBorders: true)
    findings.add(dump.list, from: .memblockDump, file: file, keepsBorders: true)
    findings.add(memblockCalls.list(), from: .memblockCalls, file: file)
    findings.add(xen.list, from: .xen, file: file)
    findings.add(lsmem.list, from: .lsmem, file: file)
    findings.add(ioMemory.list, from: .ioMemory, file: file)
    findings.add(efi.list, from: .efi, file: file)
    try addE820(to: &findings, file: file)
    try addConvertible(to: &findings, file: file)
    findings.affinity = affinity
    findings.affinity.zones = zones.list
    findings.affinity.reservations.kernelImage = ioMemory.kernelImage
    addLateChanges(to: &findings, file: file)
    findings.kernelRelease = kernelRelease
    findings.board = board.map { ($0, file) }
    findings.blockSize = blockSize ?? lsmem.blockSize
    findings.movableStarts = movableStarts
    findings.isMapOfUser = isMapOfUser
    findings.isOfDom0 = e820.isOfDom0
    findings.keyIDBits = tdx.keyIDBits
    if tdx.observed != Observations() { findings.observed = tdx.observed }
    addNotes(to: &findings, file: file)
    return findings
  }

  private func addE820(to findings: inout Findings, file: String) throws(InputError) {
    guard let line = e820.firstLine else { return }
    guard let usable = e820.usable(), !e820.hasLateChanges || e820.usableInTheEnd() != nil else {
      throw InputError(
        kind: .badData,
        file: file,
        line: line,
        message: "the e820 table and the edits after it are too long to be a machine's"
      )
    }
    findings.add(usable, from: .e820, file: file)
    if usable.isEmpty {
      findings.deadEnds.append(
        InputError(
          kind: .badData,
          file: file,
          line: line,
          message: "the last e820 table, which begins here, lists no usable memory"
        )
      )
    } else if let first = e820.firstAddress, first >= lowMemoryEnd {
      findings.notes.append(
        "\(file):\(line): the e820 table begins at \(hex(first)); its first lines seem to be missing."
      )
    }
  }

  /// What was printed after memblock had been made of e820: it is reserved, too.
  private func addLateChanges(to findings: inout Findings, file: String) {
    if e820.isLateAlone, let line = e820.firstLine {
      findings.notes.append(
        "\(file):\(line): memblock was made before this e820 table was printed, of one that is missing; what firmware's "
          + "tables took in between is memory to TDX."
      )
    }
    guard e820.hasLateChanges, let usable = e820.usable(), let inTheEnd = e820.usableInTheEnd() else {
      return
    }
    findings.ramInTheEnd = inTheEnd
    let taken = subtract(
      wholePages(inTheEnd.entries.map(\.range)),
      from: wholePages(usable.entries.map(\.range))
    )
    findings.affinity.reservations.add(tables: taken)
  }

  private func addConvertible(to findings: inout Findings, file: String) throws(InputError) {
    guard let list = tdx.convertible else { return }
    var ranges = list.entries.map(\.range)
    do {
      let count = try ranges.withUnsafeMutableBufferPointer { (buffer) throws(MapError) in
        try normalizeConvertibleRegions(in: buffer)
      }
      ranges.removeLast(ranges.count - count)
    } catch {
      throw InputError(
        kind: .badData,
        file: file,
        line: list.entries.last?.line,
        message: "the CMR list that ends here is wrong: \(error)"
      )
    }
    findings.convertible = Findings.Convertible(ranges: ranges, file: file)
  }

  /// Which memory TDX would see on a host of Xen.
  private func addXenNotes(to findings: inout Findings, file: String) {
    if !xen.list.isEmpty {
      findings.notes.append(
        "\(file) has the map of a Xen hypervisor: the memory of the whole machine, which Linux would hand to TDX if it ran "
          + "there by itself. Under Xen, dom0 does not see it, and Linux does not initialise TDX."
      )
    } else if e820.isOfDom0 {
      findings.notes.append(
        "\(file) is the log of a Xen dom0: its map is the memory that Xen left to it, not the machine's, which is what TDX "
          + "would see under Linux alone. `xl dmesg` has the machine's."
      )
    }
  }

  private func addLsmemNotes(to findings: inout Findings, file: String) {
    if lsmem.offlineCount > 0 { findings.notes.append(offlineNote(lsmem.offlineCount, file: file)) }
    if let line = lsmem.lineOfOtherSize {
      findings.notes.append("\(file):\(line): lsmem's size is not that of its range; the range counts.")
    }
    if lsmem.lacksAddresses {
      findings.deadEnds.append(
        InputError(
          kind: .badData,
          file: file,
          line: lsmem.firstLine,
          message:
            "lsmem lists blocks, and neither their ranges nor the size of a block: run lsmem with the column RANGE"
        )
      )
    }
  }

  private func addNotes(to findings: inout Findings, file: String) {
    addXenNotes(to: &findings, file: file)
    addLsmemNotes(to: &findings, file: file)
    if let announced = earlyNodes.announced, announced != earlyNodes.list.entries.count {
      findings.notes.append(
        "\(file): early_node_map announces \(announced) ranges and lists \(earlyNodes.list.entries.count)."
      )
    }
    if ioMemory.isHidden {
      findings.deadEnds.append(
        InputError(
          kind: .badData,
          file: file,
          message: "every address of /proc/iomem is 0: it must be read as root (CAP_SYS_ADMIN)"
        )
      )
    }
    if ioMemory.driverManagedBytes > 0 {
      findings.notes.append(
        "\(file): drivers added \(ByteCount(ioMemory.driverManagedBytes)) of memory after boot (`System RAM (DRIVER)`)."
      )
    }
    if let line = earlyNodes.lineWithoutHeading {
      findings.notes.append(
        "\(file):\(line): the heading `Early memory node ranges` is missing, so ranges may be missing too."
      )
    }
    if let line = memblock.lineAfterGap {
      findings.notes.append("\(file):\(line): the indices of the memblock list have a gap before this line.")
    }
    if !memblock.unknownFlags.isEmpty {
      let names = memblock.unknownFlags.joined(separator: ", ")
      findings.notes.append("\(file): memblock flags that are not known are left out: \(names).")
    }
    if let announced = dump.announced, announced != dump.printed {
      findings.notes.append(
        "\(file): the last memblock dump announces \(announced) ranges and prints \(dump.printed)."
      )
    }
    if tdx.convertibleChanged {
      findings.notes.append("\(file) lists CMRs several times and differently; the last list counts.")
    }
  }
}
