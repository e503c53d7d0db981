import TDXMessages

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
  /// Which line of the file each line comes from; nil where the text is the file.
  private let numbers: [Int]?
  private var neighbours = TableNeighbours()
  /// Where the line behind the last one begins that was read.
  private var endOfRead: UnsafePointer<UInt8>?
  /// A bit for each keyword that was met.
  private var metKeywords: UInt64 = 0
  /// Whether a line that matters has a mark of something that lies around it.
  private var hasMarksOfWrapping = false

  private init(file: String, numbers: [Int]?, readsEveryLine: Bool = false) {
    self.file = file
    self.numbers = numbers
    self.readsEveryLine = readsEveryLine
  }

  /// What the file says, with all that lies around its lines taken off.
  ///
  /// Read as it stands first: only where that fails, finds no memory or meets marks of a wrapping in lines that matter, the
  /// text is unwrapped. So a text without any is read in one pass and never copied.
  ///
  /// - Throws: `badData` for a line that is recognisable and wrong, unless it is a last line that was cut off: a note says so
  ///   then.
  static func read(_ bytes: UnsafeRawBufferPointer, file: String) throws(InputError) -> Findings {
    guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return Findings() }
    let text = TextCursor(from: base, to: base + bytes.count)
    let failure: InputError
    do throws(InputError) {
      let (findings, isPlain) = try read(text, numbers: nil, file: file)
      if isPlain { return findings }
      guard let plain = Wrapping.allRemoved(from: text) else { return findings }
      return try read(plain, file: file)
    } catch {
      failure = error
    }
    guard let plain = Wrapping.allRemoved(from: text) else { throw failure }
    return try read(plain, file: file)
  }

  /// Reads what was unwrapped, which may be JSON, too.
  static func read(_ plain: PlainText, file: String) throws(InputError) -> Findings {
    try plain.bytes.withCursor { (text) throws(InputError) in
      let bytes = UnsafeRawBufferPointer(start: text.position, count: text.count)
      if JSONInput.isRecognized(bytes) { return try JSONInput.read(bytes, file: file) }
      return try read(text, numbers: plain.numbers, file: file).findings
    }
  }

  /// - Returns: what the text says, and whether nothing in it tells that it is wrapped.
  private static func read(
    _ text: TextCursor,
    numbers: [Int]?,
    file: String
  ) throws(InputError) -> (findings: Findings, isPlain: Bool) {
    var reader = LogReader(file: file, numbers: numbers)
    try reader.readLines(text)
    if !reader.hasRanges {
      reader = LogReader(file: file, numbers: numbers, readsEveryLine: true)
      try reader.readLines(text)
    }
    let isPlain = reader.hasRanges && !reader.hasMarksOfWrapping
    reader.boot.readScatteredLines(of: UnsafeRawBufferPointer(start: text.position, count: text.count))
    var findings = try reader.finish()
    if !reader.hasRanges { findings.hints = Hints.of(text, findings) }
    return (findings, isPlain)
  }

  private var hasRanges: Bool { boot.hasRanges || earlierBoot?.hasRanges == true }

  /// Looks only at lines with a keyword, and where lines mean something without one, at all.
  private mutating func readLines(_ text: TextCursor) throws(InputError) {
    let scanner = KeywordScanner(text)
    var lines = LogLines(text)
    while true {
      let readsLine = readsEveryLine || boot.readsEveryLine
      let match = readsLine ? nil : scanner.next(from: lines.position, to: text.end)
      guard readsLine || match != nil,
        var line = match.map({ lines.next(around: $0.start) }) ?? lines.next()
      else {
        _ = try checkNeighbours(upTo: text.end, in: text)
        return
      }
      var maySlip = !neighbours.isNext(line.text)
      if neighbours.hasTable && maySlip {
        maySlip = try !checkNeighbours(upTo: line.text.position, in: text)
      }
      let number = line.number
      line.number = fileLine(number, numbers)
      // A line before it that has been read is no slip for one like it.
      let endOfEarlier = endOfRead
      maySlip = maySlip && endOfEarlier != line.text.position
      var isReadAlone = false
      do throws(BrokenLine) {
        isReadAlone = try read(line, from: match, scanner, &lines)
      } catch {
        try report(error, line)
      }
      if maySlip && neighbours.begin(with: line.text) {
        try checkLines(before: line, number, in: text, to: endOfEarlier)
      }
      if isReadAlone { readLines(like: line, &lines) }
    }
  }

  /// Reads the lines that differ from one of a table, which has just been read, in their numbers alone.
  private mutating func readLines(like line: LogLine, _ lines: inout LogLines) {
    guard line.isTerminated, numbers == nil, let table = boot.table else { return }
    boot.readLines(of: table, like: line, from: &lines)
    if lines.passed > line.number {
      neighbours.extend(
        by: lines.last(notBefore: line.text.position),
        to: lines.position,
        number: lines.passed
      )
      endOfRead = lines.position
    }
  }

  /// - Parameter match: the first keyword of the line; nil where it has not been looked for.
  /// - Returns: whether the line has been read to its end from one keyword, and nothing before it has a meaning.
  @inline(__always)
  private mutating func read(
    _ line: LogLine,
    from match: KeywordScanner.Match?,
    _ scanner: KeywordScanner,
    _ lines: inout LogLines
  ) throws(BrokenLine) -> Bool {
    if match == nil,
      let kind = try boot.readWithoutKeyword(line.text, number: line.number, readsLsmem: readsEveryLine)
    {
      switch kind {
      case .row(let kind): neighbours.add(line.text, of: kind, to: lines.position, number: lines.passed)
      case .heading(let kind):
        neighbours.add(heading: line.text, of: kind, to: lines.position, number: lines.passed)
      case .other: break
      }
      if endOfRead == nil { hasMarksOfWrapping = hasMarksOfWrapping || line.text.hasMarksOfWrapping }
      endOfRead = lines.position
      return false
    }
    var next = match ?? scanner.next(from: line.text.position, to: line.text.end)
    var isAlone = match != nil
    var keywords: UInt64 = 0
    while let match = next {
      next = nil
      let bit: UInt64 = 1 << UInt64(match.keyword.rawValue)
      keywords |= bit
      if metKeywords & bit == 0 { look(at: line.text, for: bit) }
      if match.keyword.isBroken {
        hasMarksOfWrapping = true
      } else {
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
        boot.readNeighbours(of: match.keyword, &lines)
        if isRead {
          endOfRead = lines.position
          if match.keyword != .zone, match.keyword != .tdx, let kind = RowKind(match.keyword) {
            neighbours.add(line.text, of: kind, to: lines.position, number: lines.passed)
          } else if let kind = RowKind(behind: match.keyword) {
            neighbours.add(heading: line.text, of: kind, to: lines.position, number: lines.passed)
          } else if neighbours.isNext(line.text) {
            neighbours.forget()
          }
          return isAlone
        }
      }
      // `BIOS-e820: ` before `[mem `, where it does not begin an old entry, has no meaning of its own.
      isAlone = isAlone && match.keyword == .oldE820
      next = scanner.next(from: match.resumption, to: line.text.end)
    }
    try leaveUnread(line, keywords, lines)
    return false
  }

  /// Looks for marks of a wrapping where a keyword is met first: what lies around lines lies around all of a kind.
  @inline(never)
  private mutating func look(at line: TextCursor, for bit: UInt64) {
    metKeywords |= bit
    if !hasMarksOfWrapping { hasMarksOfWrapping = line.hasMarksOfWrapping }
  }

  /// A line that no reader took, with a bit for each of its keywords.
  @inline(never)
  private mutating func leaveUnread(_ line: LogLine, _ keywords: UInt64, _ lines: LogLines) throws(BrokenLine)
  {
    // What is wrapped is held against rows once it has been unwrapped.
    let isWrapped = line.text.hasMarksOfWrapping
    hasMarksOfWrapping = hasMarksOfWrapping || isWrapped
    var rest = isWrapped ? 0 : keywords
    while rest != 0 {
      let keyword = Keyword(rawValue: rest.trailingZeroBitCount)
      rest &= rest - 1
      guard let keyword, let kind = RowKind(keyword), !line.text.isReservation(keyword) else { continue }
      // Newer kernels call usable memory of e820 so, too.
      if kind.isRow(line.text) || keyword == .systemRAM && RowKind.memoryRange.isRow(line.text) {
        throw Self.likeARow
      }
    }
    guard neighbours.isNext(line.text) else { return }
    switch neighbours.likeness(of: line.text) {
    case .alike: throw Self.likeItsNeighbours
    case .cut where line.isLast: throw Self.likeItsNeighbours
    case .cut, .different:
      if neighbours.passes(line.text) {
        neighbours.pass(to: lines.position, number: lines.passed)
      } else {
        neighbours.forget()
      }
    }
  }

  /// The lines behind a table have not been read, or they would be of the table.
  ///
  /// - Returns: whether all of them up to `limit` say nothing of memory and are of the same table.
  @inline(never)
  private mutating func checkNeighbours(
    upTo limit: UnsafePointer<UInt8>,
    in text: TextCursor
  ) throws(InputError) -> Bool {
    guard var lines = neighbours.linesBehind(in: text) else { return false }
    while lines.position < limit, var line = lines.next() {
      switch neighbours.likeness(of: line.text) {
      case .cut where line.isLast || neighbours.isRow(line.text): break
      case .alike: break
      case .cut, .different:
        if neighbours.passes(line.text) { continue }
        neighbours.forget()
        return false
      }
      line.number = fileLine(neighbours.number(of: line), numbers)
      try report(Self.likeItsNeighbours, line)
      neighbours.forget()
      return false
    }
    neighbours.pass(to: lines)
    return true
  }

  /// The lines in front of the first one of a table have not been read, or they would be of it.
  ///
  /// - Parameters:
  ///   - number: of the line in the text.
  ///   - first: up to where lines have been read.
  @inline(never)
  private func checkLines(
    before line: LogLine,
    _ number: Int,
    in text: TextCursor,
    to first: UnsafePointer<UInt8>?
  ) throws(InputError) {
    var (end, number) = (line.text.position, number)
    while end > text.position, end != first {
      var before = TextCursor(from: text.position, to: end - 1)
      before = before.dropLast { $0 != 10 }
      end = before.position
      number -= 1
      guard before.count <= 400 else { return }
      let likeness = neighbours.likeness(of: before)
      if likeness == .alike || likeness == .cut && neighbours.isRow(before) {
        throw InputError(
          kind: .badData,
          file: file,
          line: fileLine(number, numbers),
          text: before.trimmed.text,
          message: "the line looks like the one behind it and cannot be read"
        )
      }
      guard neighbours.passes(before) else { return }
    }
  }

  private static var likeARow: BrokenLine {
    BrokenLine("the line looks like a row of a table and cannot be read")
  }

  private static var likeItsNeighbours: BrokenLine {
    BrokenLine("the line looks like the one before it and cannot be read")
  }

  /// A second `Linux version` or a second `BIOS-provided physical RAM map:` is another boot.
  private mutating func beginBoot(at keyword: Keyword, before: TextCursor, after: TextCursor) {
    if keyword == .linuxVersion && after.next.map(isDecimal) == true {
      // Linux prints its version first, so after a firmware map it is another boot's.
      if boot.hasLinuxVersion || boot.hasFirmwareHeading { addBoot() }
      boot.hasLinuxVersion = true
      boot.affinity.kernel = KernelVersion.take(from: after)
      boot.kernelRelease = KernelRelease(UnsafeBufferPointer(start: after.position, count: after.count))
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
    guard line.isLast, isCut(line) else {
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
    // What is cut off is said once.
    neighbours.forget()
    notes.append(
      "\(file):\(line.number): the last line is cut short (\(broken.message)) and is left out: memory may be missing."
    )
  }

  /// Whether a last line that cannot be read was cut off, rather than misspelt.
  ///
  /// It was where it is the beginning of a line like the one before it. Where there is none to compare with, and where it does
  /// not look like it, a newline tells that it is whole.
  private func isCut(_ line: LogLine) -> Bool {
    guard neighbours.hasRow else { return !line.isTerminated }
    switch neighbours.likenessToRow(of: line.text) {
    case .cut: return true
    case .alike: return !line.isTerminated && line.text.endsInside
    case .different: return !line.isTerminated
    }
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
