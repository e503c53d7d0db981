import Foundation
import TestSupport
import Testing

@testable import SystemIO

/// Inputs are copies, no larger than is allowed, and asked for their size before they are read.
@Suite struct InputBytesTests {
  private func withFile(_ bytes: [UInt8], _ body: (String) throws -> Void) throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "input-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(bytes).write(to: file)
    try body(file.path)
  }

  @Test("a file that is shortened, and written to, while it is held. Expect what it was")
  func changedWhileHeld() throws {
    let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    try withFile(bytes) { path in
      let input = try InputBytes.open(path)
      let descriptor = open(path, O_RDWR)
      defer { close(descriptor) }
      #expect(pwrite(descriptor, [UInt8](repeating: 9, count: 5000), 5000, 1000) == 5000)
      #expect(ftruncate(descriptor, 2000) == 0)
      #expect(input.withBytes { $0.elementsEqual(bytes) })
    }
  }

  @Test("a file of 4 TiB without a byte in it. Expect it refused by its size, whoever reads it")
  func sparse() throws {
    try withFile([]) { path in
      try #require(truncate(path, 4 << 40) == 0)
      #expect(throws: SystemError(.read, path, code: EFBIG)) { _ = try InputBytes.open(path) }
      #expect(throws: SystemError(.read, path, code: EFBIG)) { _ = try bytesOfFile(path) }
    }
  }

  @Test(
    "pipes around the limit. Expect what comes up to the limit, and no more than a page beyond it to be held"
  )
  func pipes() throws {
    for (count, limit) in [
      (0, 10), (10, 10), (11, 10), (300_000, 300_000), (300_001, 300_000), (3_000_000, 100_000),
    ] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
      var ends: [Int32] = [0, 0]
      try #require(pipe(&ends) == 0)
      let writeEnd = ends[1]
      // Who reads may go before all is written.
      Thread.detachNewThread {
        signal(SIGPIPE, SIG_IGN)
        var written = 0
        while written < bytes.count {
          let got = bytes.withUnsafeBytes { write(writeEnd, $0.baseAddress! + written, $0.count - written) }
          guard got > 0 else { break }
          written += got
        }
        close(writeEnd)
      }
      if count <= limit {
        let input = try InputBytes.read(ends[0], name: "pipe", limit: limit)
        #expect(input.withBytes { $0.elementsEqual(bytes) }, "\(count) of \(limit)")
      } else {
        #expect(throws: SystemError(.read, "pipe", code: EFBIG)) {
          _ = try InputBytes.read(ends[0], name: "pipe", limit: limit)
        }
      }
      close(ends[0])
    }
  }

  @Test("memory that grows. Expect what was in it to stay, and nothing to be taken by pages without a byte")
  func pageMemory() throws {
    var pages = try PageMemory(10)
    for index in 0..<10 { pages.bytes[index] = UInt8(index) }
    for count in [11, 5000, 1 << 20, 1 << 33] {
      try pages.grow(to: count)
      #expect(pages.bytes.count == count && pages.bytes.prefix(10).elementsEqual(0..<10))
    }
    #expect(throws: SystemError(.read, code: ENOMEM)) { try pages.grow(to: 1 << 60) }
    #expect(pages.bytes.count == 1 << 33 && pages.bytes[9] == 9)
  }

  @Test(
    "a pipe nobody writes to, a device and a long file in place of a small one. Expect nil, nil, one byte too many"
  )
  func smallFiles() throws {
    let fifo = FileManager.default.temporaryDirectory.appending(path: "fifo-\(UUID().uuidString)").path
    try #require(mkfifo(fifo, 0o600) == 0)
    defer { unlink(fifo) }
    #expect(try bytesOfSmallFile(fifo, limit: 100) == nil)
    #expect(try bytesOfSmallFile("/dev/zero", limit: 100) == nil)
    try withFile([UInt8](repeating: 1, count: 5000)) { path in
      let (short, whole) = (try bytesOfSmallFile(path, limit: 4096), try bytesOfSmallFile(path, limit: 6000))
      #expect(short?.count == 4097 && whole?.count == 5000)
    }
    #expect(throws: SystemError(.read, "/nowhere", code: ENOENT)) {
      try bytesOfSmallFile("/nowhere", limit: 10)
    }
  }
}
