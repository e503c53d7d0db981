#if canImport(Glibc)
  import Glibc
#endif

/// What makes a line worth reading. A keyword may stand anywhere in the line, so whatever a log puts before its
/// messages (time stamps, `<6>`, host names, `> `) needs no parsing.
enum Keyword: Int, CaseIterable {
  case memoryRange, oldE820, ramMapHeading, systemRAM, earlyHeading, debugfsRange, dumpEntry, dumpCount
  case efiRange, convertible, tdx, linuxVersion, noNUMA, zone

  var text: StaticString {
    switch self {
    case .memoryRange: "[mem "
    case .oldE820: "BIOS-e820: "
    case .ramMapHeading: "physical RAM map:"
    case .systemRAM: "System RAM"
    case .earlyHeading: "Early memory node ranges"
    case .debugfsRange: "..0x"
    case .dumpEntry: "memory[0x"
    case .dumpCount: "memory.cnt"
    case .efiRange: "range=["
    case .convertible: "CMR"
    case .tdx: "tdx: "
    case .linuxVersion: "Linux version "
    case .noNUMA: "No NUMA configuration found"
    case .zone: ", zone"
    }
  }

  /// Where in the keyword the two bytes stand that `KeywordScanner` looks for: a pair that is rare in logs.
  fileprivate var hintOffset: Int {
    switch self {
    case .memoryRange, .earlyHeading, .debugfsRange, .convertible, .linuxVersion: 0
    case .oldE820: 3  // S-
    case .ramMapHeading: 9  // RA
    case .systemRAM: 7  // RA
    case .dumpEntry: 5  // y[
    case .dumpCount: 5  // y.
    case .efiRange: 5  // =[
    case .tdx: 1  // dx
    case .noNUMA: 4  // UM
    case .zone: 2  // zo
    }
  }
}

/// Finds keywords in lines with one table look-up per byte.
///
/// Every keyword owns a bit. A byte's entry has the bit in its upper half where the byte is the first of the
/// keyword's hint, and in its lower half where it is the second. Comparing each keyword at each place, or
/// `memmem` per keyword, costs 14 passes over a log of which almost no line matters.
struct KeywordScanner {
  private let table: UnsafeMutablePointer<UInt32>

  /// Lends a scanner.
  static func with<Result, Failure: Error>(
    _ body: (KeywordScanner) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let table = UnsafeMutablePointer<UInt32>.allocate(capacity: 256)
    table.initialize(repeating: 0, count: 256)
    defer { table.deallocate() }
    for keyword in Keyword.allCases {
      let hint = keyword.text.utf8Start + keyword.hintOffset
      table[Int(hint[0])] |= 1 << (16 + keyword.rawValue)
      table[Int(hint[1])] |= 1 << keyword.rawValue
    }
    return try body(KeywordScanner(table: table))
  }

  /// Calls `body` for each keyword in the line, from left to right, until it returns true.
  ///
  /// - Parameter body: gets the keyword, the text before it and the text after it.
  @inline(__always)
  func scan<Failure: Error>(
    _ line: TextCursor,
    _ body: (Keyword, _ before: TextCursor, _ after: TextCursor) throws(Failure) -> Bool
  ) throws(Failure) {
    var position = line.position
    while true {
      let hint = nextHint(from: position, to: line.end)
      guard hint.keywords != 0 else { return }
      var keywords = hint.keywords
      while keywords != 0 {
        let keyword = Keyword(rawValue: keywords.trailingZeroBitCount)!  // Bits are set from the cases only.
        keywords &= keywords - 1
        let start = hint.position - keyword.hintOffset
        guard start >= line.position else { continue }
        var after = TextCursor(from: start, to: line.end)
        guard after.take(keyword.text) else { continue }
        if try body(keyword, TextCursor(from: line.position, to: start), after) { return }
      }
      position = hint.position + 1
    }
  }

  /// The first place where two bytes are some keyword's hint, and the bits of those keywords; no bits where there
  /// is none. Every byte of every log passes here: four at a time cost a third of one at a time.
  private func nextHint(
    from start: UnsafePointer<UInt8>,
    to end: UnsafePointer<UInt8>
  ) -> (position: UnsafePointer<UInt8>, keywords: UInt32) {
    var position = start
    while end - position > 4 {
      let one = table[Int(position[0])]
      let two = table[Int(position[1])]
      let three = table[Int(position[2])]
      let four = table[Int(position[3])]
      let five = table[Int(position[4])]
      let any = (one >> 16) & two | (two >> 16) & three | (three >> 16) & four | (four >> 16) & five
      if any != 0 { break }
      position += 4
    }
    while end - position > 1 {
      let keywords = (table[Int(position[0])] >> 16) & table[Int(position[1])]
      if keywords != 0 { return (position, keywords) }
      position += 1
    }
    return (position, 0)
  }
}
