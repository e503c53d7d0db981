#if canImport(Glibc)
  import Glibc
#endif

/// Finds keywords in a text, 32 places at a time, whatever lines it has.
///
/// Every keyword has an anchor, three of its bytes in a row: a, b and c. 2(a + b) - c, a byte that wraps, has only
/// six values over all anchors; they were looked for so that in logs only one place in 57 has one of them too.
/// Those places are looked up in a table that knows the anchors themselves and the byte behind, and only what is left
/// is compared with a keyword. A look-up for every byte, as it was before, ran at 0.8 GB/s where this runs at 4;
/// comparing each keyword at each place, or `memmem` per keyword, are 14 passes over a log of which almost no line
/// matters.
struct KeywordScanner {
  /// A keyword in the text.
  struct Match {
    let keyword: Keyword
    let start: UnsafePointer<UInt8>
    let end: UnsafePointer<UInt8>
    /// Where the search for the next keyword begins.
    let resumption: UnsafePointer<UInt8>
  }

  private typealias Lanes = SIMD16<UInt8>

  private struct Spelling {
    let start: UnsafePointer<UInt8>
    let count: Int
    let anchorOffset: Int
  }

  /// What is known of the anchors; the same for all texts, and made once.
  private struct Anchors {
    /// For each byte the bits of the keywords whose anchor has it first, second and third, and of those that go on with
    /// it or end with their anchor: a bit a keyword, 32 at most.
    let table: UnsafePointer<SIMD4<UInt32>>
    /// How each keyword is spelled, by the number of its bit.
    let spellings: UnsafePointer<Spelling>
    let sums: (Lanes, Lanes, Lanes, Lanes, Lanes, Lanes)

    init() {
      let table = UnsafeMutablePointer<SIMD4<UInt32>>.allocate(capacity: 256)
      table.initialize(repeating: .zero, count: 256)
      precondition(Keyword.allCases.count <= 32, "a keyword has a bit of 32")
      for keyword in Keyword.allCases {
        let anchor = keyword.text.utf8Start + keyword.anchorOffset
        let bit: UInt32 = 1 << UInt32(keyword.rawValue)
        for index in 0..<3 { table[Int(anchor[index])][index] |= bit }
        let endsWithAnchor = keyword.anchorOffset + 3 == keyword.text.utf8CodeUnitCount
        for byte in 0..<256 where endsWithAnchor || byte == anchor[3] { table[byte][3] |= bit }
      }
      self.table = UnsafePointer(table)
      let spellings = UnsafeMutablePointer<Spelling>.allocate(capacity: Keyword.allCases.count)
      for keyword in Keyword.allCases {
        (spellings + keyword.rawValue).initialize(
          to: Spelling(
            start: keyword.text.utf8Start,
            count: keyword.text.utf8CodeUnitCount,
            anchorOffset: keyword.anchorOffset
          )
        )
      }
      self.spellings = UnsafePointer(spellings)
      let sums = KeywordScanner.anchorSums
      precondition(sums.count <= 6, "the anchors have more sums than the search compares")
      func lanes(_ index: Int) -> Lanes { Lanes(repeating: sums[min(index, sums.count - 1)]) }
      self.sums = (lanes(0), lanes(1), lanes(2), lanes(3), lanes(4), lanes(5))
    }
  }

  /// Written once, before anyone reads it, and never freed.
  nonisolated(unsafe) private static let anchors = Anchors()

  private let text: TextCursor
  private let anchors: Anchors

  init(_ text: TextCursor) {
    self.text = text
    anchors = Self.anchors
  }

  /// The values that 2(a + b) - c has over all anchors.
  static var anchorSums: [UInt8] {
    let all = Keyword.allCases.map { keyword in
      let anchor = keyword.text.utf8Start + keyword.anchorOffset
      return 2 &* (anchor[0] &+ anchor[1]) &- anchor[2]
    }
    return Set(all).sorted()
  }

  /// The first keyword that has its anchor at or behind `position` and ends at or before `limit`.
  ///
  /// Two keywords never have their anchors at the same place, and where they overlap (`range=[mem `) the anchor of
  /// the one that begins first comes first: keywords come from left to right.
  func next(from position: UnsafePointer<UInt8>, to limit: UnsafePointer<UInt8>) -> Match? {
    var position = position
    // The last place looked at needs two bytes behind it.
    let stop = min(limit, text.end - min(text.count, 17))
    while stop - position > 16 {
      let (first, second) = (likelyPlaces(from: position), likelyPlaces(from: position + 16))
      if !(first | second).isZero {
        if let match = match(at: first, of: position, to: limit) { return match }
        if let match = match(at: second, of: position + 16, to: limit) { return match }
      }
      position += 32
    }
    while position < stop {
      if let match = match(at: likelyPlaces(from: position), of: position, to: limit) { return match }
      position += 16
    }
    while limit - position >= 3 {
      if let match = match(anchoredAt: position, to: limit) { return match }
      position += 1
    }
    return nil
  }

  /// 0xff for each of 16 places that has the sum of an anchor. 18 bytes must be there.
  @inline(__always)
  private func likelyPlaces(from position: UnsafePointer<UInt8>) -> Lanes {
    let sums = anchors.sums
    let sum = Lanes(at: position) &+ Lanes(at: position + 1)
    let value = sum &+ sum &- Lanes(at: position + 2)
    let found =
      (value .== sums.0) .| (value .== sums.1) .| (value .== sums.2) .| (value .== sums.3)
      .| (value .== sums.4) .| (value .== sums.5)
    return unsafeBitCast(found, to: Lanes.self)
  }

  /// The first keyword with its anchor at one of 16 places.
  ///
  /// - Parameter places: 0xff for each that is looked at.
  @inline(__always)
  private func match(
    at places: Lanes,
    of block: UnsafePointer<UInt8>,
    to limit: UnsafePointer<UInt8>
  ) -> Match? {
    let words = unsafeBitCast(places, to: SIMD2<UInt64>.self) & SIMD2(repeating: 0x0101_0101_0101_0101)
    var half = UInt64(littleEndian: words[0])
    while half != 0 {
      if let match = match(anchoredAt: block + half.trailingZeroBitCount &>> 3, to: limit) { return match }
      half &= half &- 1
    }
    half = UInt64(littleEndian: words[1])
    while half != 0 {
      let place = block + (8 &+ half.trailingZeroBitCount &>> 3)
      if let match = match(anchoredAt: place, to: limit) { return match }
      half &= half &- 1
    }
    return nil
  }

  /// The keyword whose anchor stands at `place`, if there is one and it ends by `limit`.
  @inline(__always)
  private func match(
    anchoredAt place: UnsafePointer<UInt8>,
    to limit: UnsafePointer<UInt8>
  ) -> Match? {
    var keywords =
      anchors.table[Int(place[0])].x & anchors.table[Int(place[1])].y & anchors.table[Int(place[2])].z
    if keywords != 0, place + 3 < text.end { keywords &= anchors.table[Int(place[3])].w }
    return keywords == 0 ? nil : match(keywords, anchoredAt: place, to: limit)
  }

  @inline(never)
  private func match(
    _ keywords: UInt32,
    anchoredAt place: UnsafePointer<UInt8>,
    to limit: UnsafePointer<UInt8>
  ) -> Match? {
    var keywords = keywords
    while keywords != 0 {
      let index = keywords.trailingZeroBitCount
      keywords &= keywords - 1
      let spelling = anchors.spellings[index]
      let start = place - spelling.anchorOffset
      guard start >= text.position, limit - start >= spelling.count,
        memcmp(start, spelling.start, spelling.count) == 0
      else { continue }
      let keyword = Keyword(rawValue: index)!  // Bits are set from the cases only.
      if keyword == .memoryRange, !TextCursor(from: text.position, to: start).mayPrecedeRange { continue }
      return Match(
        keyword: keyword,
        start: start,
        end: start + spelling.count,
        resumption: place + 1
      )
    }
    return nil
  }
}

extension TextCursor {
  /// Whether a reader may care for a `[mem ` behind this text: `node 0: `, `WHO: `, `PXM 1 `, `Node 0 `,
  /// `e820: update `, `e820: remove `, `RAMDISK: `, `Faking node 0 at `, `table memory at ` and `NODE_DATA(0) allocated `.
  ///
  /// A log of a server has thousands of others, one for each window of each PCI bridge, and most are told by a byte or
  /// two. It may say yes too often.
  fileprivate var mayPrecedeRange: Bool {
    var before = self
    guard before.dropLast(" "), let last = before.last else { return false }
    switch last {
    case UInt8(ascii: ":"):
      before.dropLast()
      guard before.dropLast(while: isDecimal).isAtEnd else {
        // node 0, BIOS-e820, BIOS-88: not reg 0x10.
        _ = before.dropLast(while: isBlank)
        return before.last == UInt8(ascii: "e") || before.last == UInt8(ascii: "-")
          || before.ends(with: "RAMDISK")
      }
      return true
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      _ = before.dropLast(while: isDecimal)
      return before.ends(with: "PXM ") || before.ends(with: "Node ")
    case UInt8(ascii: "e"): return before.ends(with: "update") || before.ends(with: "remove")
    case UInt8(ascii: "t"):
      guard before.dropLast(" at") else { return false }
      return before.last.map(isDecimal) == true || before.ends(with: " table memory")
    case UInt8(ascii: "d"): return before.ends(with: ") allocated")
    default: return false
    }
  }
}
