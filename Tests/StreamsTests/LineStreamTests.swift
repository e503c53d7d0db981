import Foundation
import JSON
import Streams
import SystemIO
import Testing

import class TestSupport.FedPipe

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
    #expect(throws: SystemError(.write, code: ENOSPC)) {
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
    #expect(throws: SystemError(.write, code: EPIPE)) {
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
