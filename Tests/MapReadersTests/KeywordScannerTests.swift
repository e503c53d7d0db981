import RandomNumbers
import Testing

@testable import MapReaders

/// The search for keywords against one that compares every keyword at every place.
struct KeywordScannerTests {
  private struct Found: Equatable {
    var keyword: Keyword
    var start: Int
  }

  /// All keywords that lie within the first `limit` bytes. The bytes have memory of exactly their size, so that
  /// reading beyond them can be found.
  private func scan(_ bytes: [UInt8], limit: Int) -> [Found] {
    let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes.count)
    defer { copy.deallocate() }
    copy.initialize(from: bytes, count: bytes.count)
    let text = UnsafePointer(copy)
    var found: [Found] = []
    do {
      let scanner = KeywordScanner(TextCursor(from: text, to: text + bytes.count))
      var next = scanner.next(from: text, to: text + limit)
      while let match = next {
        #expect(match.end - match.start == match.keyword.text.utf8CodeUnitCount)
        found.append(Found(keyword: match.keyword, start: match.start - text))
        next = scanner.next(from: match.resumption, to: text + limit)
      }
    }
    return found
  }

  private func plainScan(_ bytes: [UInt8], limit: Int) -> [Found] {
    (0..<limit).flatMap { start in
      Keyword.allCases.filter { keyword in
        let text = keyword.text.withUTF8Buffer { Array($0) }
        return start + text.count <= limit && Array(bytes[start..<start + text.count]) == text
      }.map { Found(keyword: $0, start: start) }
    }
  }

  @Test func anchorsLieInTheirKeywords() {
    for keyword in Keyword.allCases {
      #expect(keyword.anchorOffset + 3 <= keyword.text.utf8CodeUnitCount, "\(keyword)")
    }
    // Expect no more than the search compares with.
    #expect(KeywordScanner.anchorSums.count == 6)
  }

  /// Every keyword at every distance from the start and the end of the text, at its very end too. In a debug build at every
  /// third distance from the start.
  @Test func everyPlace() {
    for keyword in Keyword.allCases {
      // A `[mem ` is found only behind what may make it matter.
      let text =
        (keyword == .memoryRange ? Array("0: ".utf8) : []) + keyword.text.withUTF8Buffer { Array($0) }
      for before in stride(from: 0, through: 40, by: _isDebugAssertConfiguration() ? 3 : 1) {
        for after in [0, 1, 2, 3, 7, 15, 16, 17, 18, 40] {
          let bytes =
            [UInt8](repeating: 0x20, count: before) + Array("e".utf8) + text
            + [UInt8](repeating: 0, count: after)
          let end = before + 1 + text.count
          let expected = plainScan(bytes, limit: bytes.count)
          #expect(
            scan(bytes, limit: bytes.count) == expected && expected.count == 1,
            "\(keyword) \(before) \(after)"
          )
          #expect(scan(bytes, limit: end) == expected, "\(keyword) \(before) \(after)")
          #expect(scan(bytes, limit: end - 1).isEmpty, "\(keyword) \(before) \(after)")
        }
      }
    }
  }

  /// Texts of pieces of keywords, which overlap: expect the same keywords in the same order.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func randomTexts(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let keywords = Keyword.allCases.map { $0.text.withUTF8Buffer { Array($0) } } + [Array("range=[mem ".utf8)]
    for _ in 0..<(_isDebugAssertConfiguration() ? 500 : 2000) {
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 0...8, using: &random) {
        let keyword = keywords.randomElement(using: &random)!
        let cut =
          Int.random(in: 0...2, using: &random) == 0 ? Int.random(in: 0...keyword.count, using: &random) : 0
        bytes += keyword.dropFirst(cut)
        if Bool.random(using: &random) { bytes += [UInt8.random(in: 0...255, using: &random), 0x20] }
      }
      let limit = Int.random(in: 0...bytes.count, using: &random)
      let expected = plainScan(bytes, limit: limit)
      let found = scan(bytes, limit: limit)
      // What is left out is a `[mem ` that no reader takes.
      #expect(found == expected.filter { $0.keyword != .memoryRange || found.contains($0) })
    }
  }

  /// Every kind of line that has a range after `[mem ` is looked at; others need not be.
  @Test(arguments: [
    ("node   0: ", true), ("node 12: ", true), ("BIOS-e820: ", true), ("modified: ", true),
    ("extended: ", true),
    ("user: ", true), ("reserve setup_data: ", true), ("Xen: ", true), ("BIOS-e801: ", true),
    ("BIOS-88: ", true),
    ("SRAT: Node 1 PXM 1 ", true), ("NUMA: Node 0 ", true), ("e820: update ", true), ("e820: remove ", true),
    ("reg 0x10: ", false), ("BAR 0 ", false), ("window ", false), ("resource 4 ", false), ("", false),
    (" ", false),
  ])
  func rangesThatMatter(before: String, matters: Bool) {
    #expect(scan(Array((before + "[mem ").utf8), limit: before.utf8.count + 5).isEmpty == !matters)
  }
}
