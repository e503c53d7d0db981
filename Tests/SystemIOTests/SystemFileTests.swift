import Foundation
import SystemIO
import Testing

@Suite struct SystemFileTests {
  @Test("a file larger than is read, and one with blanks around. Expect 64 KiB, and the text alone")
  func systemFile() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "file-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try String(repeating: "x", count: 100_000).write(to: file, atomically: false, encoding: .utf8)
    #expect(SystemFile.contents(file.path)?.count == 65_536)
    try " \n two words \t\n".write(to: file, atomically: false, encoding: .utf8)
    #expect(SystemFile.contents(file.path) == "two words")
    #expect(SystemFile.contents("/nowhere/at/all") == nil)
    #expect(SystemFile.contents("/proc") == nil || SystemFile.contents("/proc") == "")
  }
}
