import Foundation
import JSON
import RandomNumbers
import Testing

@testable import Streams

/// A pipe that a thread writes `bytes` into, `chunk` bytes at a time.
final class FedPipe {
  let readEnd: Int32

  init(_ bytes: [UInt8], chunk: Int) {
    var ends: [Int32] = [0, 0]
    precondition(pipe(&ends) == 0)
    readEnd = ends[0]
    let writeEnd = ends[1]
    Thread.detachNewThread {
      for start in stride(from: 0, to: bytes.count, by: chunk) {
        let piece = Array(bytes[start..<min(start + chunk, bytes.count)])
        precondition(write(writeEnd, piece, piece.count) == piece.count)
      }
      close(writeEnd)
    }
  }

  deinit { close(readEnd) }
}

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
    #expect(throws: IOError(.read, code: EBADF)) {
      var reader = LineReader(-1)
      _ = try reader.next()
    }
  }
}

@Suite struct AnswerLinesTests {
  @Test func answersEveryLineInOrder() throws {
    let text = (1...50_000).map { "line \($0)\n" }.joined()
    let source = FedPipe(Array(text), chunk: 10_000)
    let path = NSTemporaryDirectory() + "plan-json-\(UUID().uuidString)"
    let output = open(path, O_CREAT | O_RDWR | O_EXCL, 0o600)
    try #require(output >= 0)
    defer {
      close(output)
      unlink(path)
    }
    try answerLines(from: source.readEnd, to: output) { number, line, answer in
      guard case .bytes(let bytes) = line else { return }
      answer.append(bytes)
      answer.append("\n")
      #expect(bytes.text == "line \(number)")
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
  }

  @Test(.timeLimit(.minutes(1)))
  func answersBeforeItWaits() throws {
    var request: [Int32] = [0, 0]
    var response: [Int32] = [0, 0]
    try #require(pipe(&request) == 0 && pipe(&response) == 0)
    let (input, output) = (request[0], response[1])
    Thread.detachNewThread {
      try? answerLines(from: input, to: output) { number, _, answer in
        answer.append(UInt64(number))
        answer.append("\n")
      }
      close(output)
    }
    // The peer writes one line, with a part of the next, and waits for the answer; only then it goes on.
    var buffer = [UInt8](repeating: 0, count: 16)
    for (text, expected) in [("one\ntw", "1\n"), ("o\n", "2\n")] {
      #expect(write(request[1], Array(text), text.utf8.count) == text.utf8.count)
      let amount = read(response[0], &buffer, buffer.count)
      #expect(Array(buffer.prefix(amount)).text == expected)
    }
    close(request[1])
    #expect(read(response[0], &buffer, buffer.count) == 0)
    for descriptor in [input, response[0]] { close(descriptor) }
  }

  @Test func aFullDiskIsAnError() throws {
    let full = open("/dev/full", O_WRONLY)
    try #require(full >= 0)
    defer { close(full) }
    let source = FedPipe(Array("a\n"), chunk: 2)
    #expect(throws: IOError(.write, code: ENOSPC)) {
      try answerLines(from: source.readEnd, to: full) { _, _, answer in answer.append("b") }
    }
  }

  @Test func aReaderThatHasGoneIsAnError() throws {
    signal(SIGPIPE, SIG_IGN)
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    close(ends[0])
    defer { close(ends[1]) }
    let source = FedPipe(Array("a\n"), chunk: 2)
    let output = ends[1]
    #expect(throws: IOError(.write, code: EPIPE)) {
      try answerLines(from: source.readEnd, to: output) { _, _, answer in answer.append("b") }
    }
  }

  @Test func waitsForDescriptorsThatDoNotBlock() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
    let (readEnd, writeEnd) = (ends[0], ends[1])
    let expected = 1 << 20
    Thread.detachNewThread {
      var writer = JSONWriter()
      for _ in 0..<expected / 8 { writer.append("01234567") }
      try? writer.flush(to: writeEnd)
      precondition(writer.isEmpty)
      close(writeEnd)
    }
    var total = 0
    var buffer = [UInt8](repeating: 0, count: 10_000)
    while case let amount = read(readEnd, &buffer, buffer.count), amount > 0 { total += amount }
    #expect(total == expected)
    close(readEnd)
  }
}
