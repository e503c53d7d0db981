import Glibc
import Testing

@testable import SystemIO

@Suite("files in memory") struct MemoryFileTests {
  @Test("parts of a file, of which two overlap. Expect them in their places, and zeros between")
  func parts() throws {
    let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 % 250 + 1) }
    let source = try TemporaryFile(bytes)
    let copy = try MemoryFile(copying: [0..<64, 40..<100, 4000..<4500], of: source.descriptor)
    let copied = try bytesOfFile(copy.path)
    let expected = (0..<4500).map { 0..<100 ~= $0 || 4000..<4500 ~= $0 ? bytes[$0] : 0 }
    #expect(copied == expected)
  }

  @Test("a part beyond the end, and a descriptor of nothing. Expect errors")
  func beyond() throws {
    let source = try TemporaryFile([1, 2, 3])
    #expect(throws: SystemError.self) { try MemoryFile(copying: [0..<4], of: source.descriptor) }
    #expect(throws: SystemError.self) { try MemoryFile(copying: [0..<1], of: -1) }
  }

  @Test("a program. Expect it to start from the copy, and the copy gone afterwards")
  func program() throws {
    let source = try openForReading("/bin/echo")
    defer { close(source) }
    var path = ""
    do {
      let size = Int(lseek(source, 0, SEEK_END))
      let copy = try MemoryFile(copying: [0..<size], of: source)
      path = copy.path
      let output = try TemporaryFile()
      let process = RunningProcess(
        path,
        ["echo", "here"],
        input: source,
        output: output.descriptor,
        errors: output.descriptor
      )
      #expect(process?.wait() == .status(0))
      #expect(output.text == "here\n")
      #expect(target(of: path).hasPrefix("/memfd:"))
    }
    #expect(!target(of: path).hasPrefix("/memfd:"))
  }

  /// What a link leads to; empty where there is none.
  private func target(of link: String) -> String {
    var name = [UInt8](repeating: 0, count: 100)
    let count = name.withUnsafeMutableBytes {
      readlink(link, $0.bindMemory(to: CChar.self).baseAddress!, $0.count)
    }
    return String(decoding: name.prefix(max(count, 0)), as: UTF8.self)
  }
}
