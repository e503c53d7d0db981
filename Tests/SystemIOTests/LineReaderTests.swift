import Glibc
import RandomNumbers
import SystemIO
import TestSupport
import Testing

private struct NumberedLine: Equatable {
  var number: Int
  /// nil where the line was too long.
  var text: String?
}

private func lines(_ bytes: [UInt8], chunk: Int, limit: Int, readChunk: Int) throws -> [NumberedLine] {
  let source = FedPipe(bytes, chunk: chunk)
  var reader = LineReader(source.readEnd, limit: limit, chunk: readChunk)
  var lines: [NumberedLine] = []
  while let line = try reader.next() {
    switch line {
    case .bytes(let bytes): lines.append(NumberedLine(number: reader.number, text: bytes.text))
    case .tooLong(let reported):
      #expect(reported == limit)
      lines.append(NumberedLine(number: reader.number))
    }
  }
  return lines
}

@Suite struct LineReaderTests {
  @Test(arguments: 1...64)
  func splitsWhateverTheChunks(_ chunk: Int) throws {
    let text =
      "first\n\n  \t\r\nsecond\r\na line that is longer than sixteen bytes, by far\n0123456789abcdef\r\nlast"
    for readChunk in [1, 3, 64, 4096] {
      #expect(
        try lines(Array(text), chunk: chunk, limit: 16, readChunk: readChunk) == [
          NumberedLine(number: 1, text: "first"), NumberedLine(number: 4, text: "second"),
          NumberedLine(number: 5),
          NumberedLine(number: 6, text: "0123456789abcdef"), NumberedLine(number: 7, text: "last"),
        ]
      )
    }
  }

  @Test func agreesWithSplittingTheWhole() throws {
    var generator = SplitMix64(seed: 5)
    for _ in 0..<300 {
      let bytes = (0..<Int.random(in: 0..<200, using: &generator)).map { _ in
        Array("ab \n\n\r").randomElement(using: &generator)!
      }
      let limit = Int.random(in: 1..<12, using: &generator)
      var expected: [NumberedLine] = []
      for (index, piece) in bytes.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated() {
        let line = piece.last == 0x0d ? piece.dropLast() : piece
        if line.count > limit {
          expected.append(NumberedLine(number: index + 1))
        } else if line.contains(where: { ![0x20, 0x0d].contains($0) }) {
          expected.append(NumberedLine(number: index + 1, text: Array(line).text))
        }
      }
      let chunk = Int.random(in: 1..<20, using: &generator)
      #expect(
        try lines(bytes, chunk: chunk, limit: limit, readChunk: Int.random(in: 1..<20, using: &generator))
          == expected,
        "\(bytes.debugDescription), limit \(limit)"
      )
    }
  }

  @Test func oneLongLineIsReadWhole() throws {
    let long = String(repeating: "0123456789", count: 300_000)
    #expect(
      try lines(Array("\(long)\n\(long)"), chunk: 65536, limit: 1 << 30, readChunk: 4096)
        == [NumberedLine(number: 1, text: long), NumberedLine(number: 2, text: long)]
    )
  }

  @Test func aReadErrorHasItsNumber() {
    #expect(throws: SystemError(.read, code: EBADF)) {
      var reader = LineReader(-1)
      _ = try reader.next()
    }
  }
}
