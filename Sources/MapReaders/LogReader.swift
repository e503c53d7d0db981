import TDXMemory

#if canImport(Glibc)
  import Glibc
#endif

/// Reads text line by line, in one pass and without copying it: kernel logs, `/proc` files, memblock lists, all
/// of them also in one file.
struct LogReader {
  private let file: String
  /// The boot being read, and before it the last one with memory.
  private var boots: [Boot] = [Boot()]
  private var bootCount = 1
  private var notes: [String] = []

  private init(file: String) { self.file = file }

  /// What the file says.
  ///
  /// - Throws: `badData` for a line that is recognisable and wrong, unless it is the last line: logs are cut off
  ///   anywhere, and a note says so.
  static func read(_ bytes: UnsafeRawBufferPointer, file: String) throws(InputError) -> Findings {
    var reader = LogReader(file: file)
    try reader.readLines(bytes)
    return try reader.finish()
  }

  private mutating func readLines(_ bytes: UnsafeRawBufferPointer) throws(InputError) {
    guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
    let end = base + bytes.count
    try KeywordScanner.with { (scanner) throws(InputError) in
      var position = base
      var number = 0
      while position < end {
        let lineEnd = memchr(position, 10, end - position)
          .map { UnsafePointer($0.assumingMemoryBound(to: UInt8.self)) }
        var line = TextCursor(from: position, to: lineEnd ?? end)
        _ = line.dropLast { $0 == 13 }
        position = lineEnd.map { $0 + 1 } ?? end
        number += 1
        try read(line, number: number, isLast: position == end, isTerminated: lineEnd != nil, scanner)
      }
    }
  }

  @inline(__always)
  private mutating func read(
    _ line: TextCursor,
    number: Int,
    isLast: Bool,
    isTerminated: Bool,
    _ scanner: KeywordScanner
  ) throws(InputError) {
    do throws(BrokenLine) {
      if boots[boots.count - 1].zones.isInsideZone,
        try boots[boots.count - 1].zones.readInsideZone(line, number: number)
      {
        return
      }
      try scanner.scan(line) { (keyword, before, after) throws(BrokenLine) in
        beginBoot(at: keyword, before: before, after: after)
        return try boots[boots.count - 1].read(
          keyword,
          before: before,
          after: after,
          line: number,
          mayBeCut: !isTerminated
        )
      }
    } catch {
      try report(error, line, number: number, isLast: isLast)
    }
  }

  /// A second `Linux version` or a second `BIOS-provided physical RAM map:` is another boot.
  private mutating func beginBoot(at keyword: Keyword, before: TextCursor, after: TextCursor) {
    let last = boots.count - 1
    if keyword == .linuxVersion && after.next.map(isDecimal) == true {
      // Linux prints its version first, so after a firmware map it is another boot's.
      if boots[last].hasLinuxVersion || boots[last].hasFirmwareHeading { addBoot() }
      boots[boots.count - 1].hasLinuxVersion = true
    } else if keyword == .ramMapHeading && before.ends(with: "BIOS-provided ") {
      if boots[last].hasFirmwareHeading { addBoot() }
      boots[boots.count - 1].hasFirmwareHeading = true
    }
  }

  /// Keeps the boot that begins and, as it may turn out to have no memory, the last one that has some.
  private mutating func addBoot() {
    bootCount += 1
    if boots.count == 2 { boots.remove(at: boots[1].hasMemory ? 0 : 1) }
    boots.append(Boot())
  }

  private mutating func report(
    _ broken: BrokenLine,
    _ line: TextCursor,
    number: Int,
    isLast: Bool
  ) throws(InputError) {
    guard isLast else {
      let shown = TextCursor(from: line.position, to: line.position + min(line.count, 1000))
      throw InputError(
        kind: .badData,
        file: file,
        line: number,
        text: shown.trimmed.text,
        message: broken.message
      )
    }
    notes.append(
      "\(file):\(number): the last line is cut short (\(broken.message)) and is left out: memory may be missing."
    )
  }

  private mutating func finish() throws(InputError) -> Findings {
    let chosen = boots.lastIndex(where: \.hasMemory) ?? boots.count - 1
    if bootCount > 1 {
      let which = chosen == boots.count - 1 ? "last one counts" : "last one with memory counts"
      notes.append("\(file) holds \(bootCount) boots; the \(which).")
    }
    var findings = try boots[chosen].findings(file: file)
    findings.notes = notes + findings.notes
    return findings
  }
}
