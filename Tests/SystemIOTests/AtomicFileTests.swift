import Glibc
import SystemIO
import Testing

@Suite struct AtomicFileTests {
  /// A file that says `old`.
  private func file(_ name: String, in folder: TemporaryFolder) throws -> String {
    let path = "\(folder.path)/\(name)"
    try AtomicFile.write("old", to: path)
    return path
  }

  @Test func fileAppearsWhole() throws {
    let folder = try #require(TemporaryFolder())
    let path = try file("out", in: folder)
    chmod(path, 0o640)
    try AtomicFile.write(String(repeating: "new\n", count: 100_000), to: path)
    var status = stat()
    stat(path, &status)
    // Expect the mode of the file that was there, and no temporary file.
    #expect(status.st_size == 400_000)
    #expect(status.st_mode & 0o777 == 0o640)
    #expect(try namesInFolder(folder.path).sorted() == ["out"])
  }

  @Test func failureLeavesTheOldFile() throws {
    let folder = try #require(TemporaryFolder())
    let path = try file("out", in: folder)
    #expect(throws: SystemError(.write, "stop", code: EIO)) {
      try AtomicFile.write(to: path) { (writer) throws(SystemError) in
        try writer.write(String(repeating: "x", count: 1 << 20))
        throw SystemError(.write, "stop", code: EIO)
      }
    }
    #expect(try textOfFile(path) == "old")
    #expect(try namesInFolder(folder.path).sorted() == ["out"])
  }

  @Test func symbolicLinkStaysOne() throws {
    let folder = try #require(TemporaryFolder())
    let path = try file("real", in: folder)
    symlink("real", folder.path + "/link")
    try AtomicFile.write("new", to: folder.path + "/link")
    #expect(try textOfFile(path) == "new")
    #expect(try namesInFolder(folder.path).sorted() == ["link", "real"])
  }
}
