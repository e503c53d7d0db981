/// Reads text line by line, in one pass and without copying it: kernel logs, `/proc` files, memblock lists, all
/// of them also in one file.
struct LogReader {
  private let file: String
  /// The boot being read.
  private var boot = Boot()
  /// Before it the last one with memory; where none has any, the first one.
  private var earlierBoot: Boot?
  private var bootCount = 1
  private var notes: [String] = []
  /// Whether lines are looked at that have no keyword: a second pass where the first found no memory.
  private let readsEveryLine: Bool

  private init(file: String, readsEveryLine: Bool = false) {
    self.file = file
    self.readsEveryLine = readsEveryLine
  }

  /// What the file says.
  ///
  /// - Throws: `badData` for a line that is recognisable and wrong, unless it is the last line: logs are cut off
  ///   anywhere, and a note says so.
  static func read(_ bytes: UnsafeRawBufferPointer, file: String) throws(InputError) -> Findings {
    var reader = LogReader(file: file)
    try reader.readLines(bytes)
    if !reader.hasRanges {
      reader = LogReader(file: file, readsEveryLine: true)
      try reader.readLines(bytes)
    }
    if reader.boot.blockSize == nil { reader.boot.readBlockSize(of: bytes) }
    return try reader.finish()
  }

  private var hasRanges: Bool { boot.hasRanges || earlierBoot?.hasRanges == true }

  /// Looks only at lines with a keyword, and where lines mean something without one, at all.
  private mutating func readLines(_ bytes: UnsafeRawBufferPointer) throws(InputError) {
    guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
    let text = TextCursor(from: base, to: base + bytes.count)
    try KeywordScanner.with(text) { (scanner) throws(InputError) in
      var lines = LogLines(text)
      while true {
        let readsLine = readsEveryLine || boot.readsEveryLine
        let match = readsLine ? nil : scanner.next(from: lines.position, to: text.end)
        guard readsLine || match != nil else { return }
        guard let line = match.map({ lines.next(around: $0.start) }) ?? lines.next() else { return }
        do throws(BrokenLine) {
          let keyword = match?.keyword
          if let match = try read(line, from: match, scanner) { readLines(like: line, match, &lines) }
          if let keyword { boot.readNeighbours(of: keyword, &lines) }
        } catch {
          try report(error, line)
        }
      }
    }
  }

  /// Reads the lines that differ from one of a table in their ranges alone.
  ///
  /// - Parameters:
  ///   - line: has just been read.
  ///   - match: the keyword from which it was read.
  private mutating func readLines(like line: LogLine, _ match: KeywordScanner.Match, _ lines: inout LogLines)
  {
    guard match.keyword == .memoryRange, line.isTerminated, let table = boot.rangeTable,
      let shape = RangeLineShape(line: line.text.position, to: lines.position, range: match.end)
    else { return }
    boot.readLines(of: table, like: shape, from: &lines)
  }

  /// - Parameter match: the first keyword of the line; nil where it has not been looked for.
  /// - Returns: the keyword from which the line has been read to its end, if nothing before it has a meaning.
  @inline(__always)
  private mutating func read(
    _ line: LogLine,
    from match: KeywordScanner.Match?,
    _ scanner: KeywordScanner
  ) throws(BrokenLine) -> KeywordScanner.Match? {
    if match == nil,
      try boot.readWithoutKeyword(line.text, number: line.number, readsLsmem: readsEveryLine)
    {
      return nil
    }
    var next = match ?? scanner.next(from: line.text.position, to: line.text.end)
    var isAlone = match != nil
    while let match = next {
      let before = TextCursor(from: line.text.position, to: match.start)
      let after = TextCursor(from: match.end, to: line.text.end)
      beginBoot(at: match.keyword, before: before, after: after)
      let isRead = try boot.read(
        match.keyword,
        before: before,
        after: after,
        line: line.number,
        mayBeCut: !line.isTerminated
      )
      if isRead { return isAlone ? match : nil }
      // `BIOS-e820: ` before `[mem `, where it does not begin an old entry, has no meaning of its own.
      isAlone = isAlone && match.keyword == .oldE820
      next = scanner.next(from: match.resumption, to: line.text.end)
    }
    return nil
  }

  /// A second `Linux version` or a second `BIOS-provided physical RAM map:` is another boot.
  private mutating func beginBoot(at keyword: Keyword, before: TextCursor, after: TextCursor) {
    if keyword == .linuxVersion && after.next.map(isDecimal) == true {
      // Linux prints its version first, so after a firmware map it is another boot's.
      if boot.hasLinuxVersion || boot.hasFirmwareHeading { addBoot() }
      boot.hasLinuxVersion = true
      boot.affinity.kernel = KernelVersion.take(from: after)
    } else if keyword == .ramMapHeading && before.ends(with: "BIOS-provided ") {
      if boot.hasFirmwareHeading { addBoot() }
      boot.hasFirmwareHeading = true
    }
  }

  /// Keeps the boot that begins and, as it may turn out to have no memory, the last one that has some.
  private mutating func addBoot() {
    bootCount += 1
    if earlierBoot == nil || boot.hasMemory { earlierBoot = boot }
    boot = Boot()
  }

  private mutating func report(_ broken: BrokenLine, _ line: LogLine) throws(InputError) {
    guard line.isLast else {
      let text = line.text
      let shown = TextCursor(from: text.position, to: text.position + min(text.count, 1000))
      throw InputError(
        kind: .badData,
        file: file,
        line: line.number,
        text: shown.trimmed.text,
        message: broken.message
      )
    }
    notes.append(
      "\(file):\(line.number): the last line is cut short (\(broken.message)) and is left out: memory may be missing."
    )
  }

  private mutating func finish() throws(InputError) -> Findings {
    let isEarlierChosen = !boot.hasMemory && earlierBoot?.hasMemory == true
    if bootCount > 1 {
      let which = isEarlierChosen ? "last one with memory counts" : "last one counts"
      notes.append("\(file) holds \(bootCount) boots; the \(which).")
    }
    let chosen = isEarlierChosen ? earlierBoot ?? boot : boot
    var findings = try chosen.findings(file: file)
    findings.notes = notes + findings.notes
    return findings
  }
}
