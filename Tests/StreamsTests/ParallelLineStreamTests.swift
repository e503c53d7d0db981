import Foundation
import JSON
import RandomNumbers
import SystemIO
import TDXMemory
import Testing

import class TestSupport.FedPipe

@testable import Streams

/// Streams on several threads: the same bytes as on one, in every case.
@Suite struct ParallelLineStreamTests {
  /// What comes of a text.
  private struct Outcome: Equatable {
    var answers: [UInt8]
    var isClean: Bool
  }

  private func answer(_ text: [UInt8], limit: Int, threads: Int) throws -> Outcome {
    let path = NSTemporaryDirectory() + "plan-json-\(UUID().uuidString)"
    let output = open(path, O_CREAT | O_RDWR | O_EXCL, 0o600)
    try #require(output >= 0)
    defer {
      close(output)
      unlink(path)
    }
    let source = FedPipe(text, chunk: 10_000)
    let isClean = try answerLines(from: source.readEnd, to: output, limit: limit, threads: threads) {
      PlanResponder(defaults: PlanOptions(), defaultKeyIDBits: 6)
    }
    return Outcome(answers: Array(try Data(contentsOf: URL(fileURLWithPath: path))), isClean: isClean)
  }

  /// Vectors, and between them bad lines, blank ones, some that are too long to be read, some too long for a batch.
  private func mixedText() throws -> [UInt8] {
    var random = SplitMix64(seed: 5)
    let spaces = [UInt8](repeating: 0x20, count: LineBatch.longestLine + 10)
    var text: [UInt8] = []
    for (index, line) in try vectorLines("linux").prefix(300).enumerated() {
      text += line
      text += Array(Bool.random(using: &random) ? "\n" : "\r\n")
      switch index % 50 {
      case 7: text += Array("\n  \t \nnot json\n{}\n")
      case 20: text += Array(#"{"id":"long","regions":[]}"#) + spaces + Array("\n")
      case 33: text += spaces + spaces + Array("{}\n")
      default: break
      }
    }
    return text + Array(#"{"id":"last","regions":[]}"#)
  }

  @Test func sameAnswersAsOnOneThread() throws {
    let text = try mixedText()
    let limit = LineBatch.longestLine * 3 / 2
    let expected = try answer(text, limit: limit, threads: 1)
    #expect(!expected.isClean)
    #expect(expected.answers.text.contains("is longer than \(limit) bytes"))
    #expect(expected.answers.text.contains(#"{"id":"long","policy""#))
    #expect(expected.answers.text.contains(#"{"id":"last","policy""#))
    for threads in [2, 3, 8] {
      #expect(try answer(text, limit: limit, threads: threads) == expected, "\(threads) threads")
    }
  }

  @Test func aStreamOfGoodLinesIsClean() throws {
    let line = Array(#"{"id":1,"regions":[]}"# + "\n")
    for count in [0, 1, 5000] {
      let text = [UInt8]((0..<count).flatMap { _ in line })
      let outcome = try answer(text, limit: 100, threads: 2)
      #expect(outcome.isClean && outcome.answers.count { $0 == 0x0a } == count)
    }
  }

  /// The peer writes one line, with a part of the next, and waits for the answer; only then it goes on.
  @Test(.timeLimit(.minutes(1)))
  func answersBeforeItWaits() throws {
    var request: [Int32] = [0, 0]
    var response: [Int32] = [0, 0]
    try #require(pipe(&request) == 0 && pipe(&response) == 0)
    let (input, output) = (request[0], response[1])
    Thread.detachNewThread {
      _ = try? answerLines(from: input, to: output, threads: 3) { Echo() }
      close(output)
    }
    var buffer = [UInt8](repeating: 0, count: 16)
    for (text, expected) in [("one\ntw", "1\n"), ("o\n", "2\n"), ("three\n", "3\n")] {
      #expect(write(request[1], Array(text), text.utf8.count) == text.utf8.count)
      let amount = read(response[0], &buffer, buffer.count)
      #expect(Array(buffer.prefix(amount)).text == expected)
    }
    close(request[1])
    #expect(read(response[0], &buffer, buffer.count) == 0)
    for descriptor in [input, response[0]] { close(descriptor) }
  }

  /// The disk is full while a thread waits for a peer that sends nothing more: expect the end all the same.
  @Test(.timeLimit(.minutes(1)))
  func aFailedWriteEndsTheWaitForInput() throws {
    let full = open("/dev/full", O_WRONLY)
    try #require(full >= 0)
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    #expect(write(ends[1], Array("a\n"), 2) == 2)
    #expect(throws: SystemError(.write, code: ENOSPC)) {
      _ = try answerLines(from: ends[0], to: full, threads: 2) { Echo() }
    }
    for descriptor in ends + [full] { close(descriptor) }
  }

  @Test func aFailedReadIsAnError() {
    #expect(throws: SystemError(.read, code: EBADF)) {
      _ = try answerLines(from: -1, to: 1, threads: 2) { Echo() }
    }
  }
}

/// Answers with the number of the line.
private final class Echo: LineAnswerer {
  func answer(_ line: InputLine, number: Int, into writer: inout JSONWriter) -> Bool {
    writer.append(UInt64(number))
    writer.append("\n")
    return true
  }
}
