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

  private func status(_ path: String) -> stat {
    var status = stat()
    #expect(lstat(path, &status) == 0)
    return status
  }

  @Test("a link to nothing yet, by several links. Expect what it leads to written, and links that stay")
  func danglingLink() throws {
    let folder = try #require(TemporaryFolder())
    symlink("there", folder.path + "/next")
    symlink("next", folder.path + "/link")
    try AtomicFile.write("new", to: folder.path + "/link")
    #expect(status(folder.path + "/there").st_mode & S_IFMT == S_IFREG)
    #expect(status(folder.path + "/link").st_mode & S_IFMT == S_IFLNK)
    #expect(try textOfFile(folder.path + "/there") == "new")
    symlink("b", folder.path + "/a")
    symlink("a", folder.path + "/b")
    #expect(throws: SystemError(.write, folder.path + "/a", code: ELOOP)) {
      try AtomicFile.write("new", to: folder.path + "/a")
    }
  }

  @Test(
    "somebody else's link in a folder that all may write. Expect it not to be followed",
    .enabled(if: geteuid() == 0)
  )
  func strangersLink() throws {
    let folder = try #require(TemporaryFolder())
    chmod(folder.path, 0o1777)
    symlink("there", folder.path + "/link")
    lchown(folder.path + "/link", 12345, 12345)
    #expect(throws: SystemError(.write, folder.path + "/link", code: EACCES)) {
      try AtomicFile.write("new", to: folder.path + "/link")
    }
  }

  @Test(
    "root writes over another user's set-user-ID file. Expect its owner kept, and the bit gone",
    .enabled(if: geteuid() == 0)
  )
  func owner() throws {
    let folder = try #require(TemporaryFolder())
    let path = try file("out", in: folder)
    chown(path, 12345, 54321)
    chmod(path, 0o6755)
    try AtomicFile.write("new", to: path)
    let after = status(path)
    #expect(after.st_uid == 12345 && after.st_gid == 54321)
    #expect(after.st_mode & 0o7777 == 0o755)
  }

  @Test(
    "while a private file is written. Expect its new contents under no name, and readable for nobody else"
  )
  func private600() throws {
    let folder = try #require(TemporaryFolder())
    let path = try file("out", in: folder)
    chmod(path, 0o600)
    try AtomicFile.write(to: path) { (writer) throws(SystemError) in
      try writer.write(String(repeating: "x", count: 1 << 20))
      // Where the file system has files without names there is none; elsewhere it is nobody else's.
      for name in try namesInFolder(folder.path) {
        #expect(status("\(folder.path)/\(name)").st_mode & 0o077 == 0)
      }
      #expect(try textOfFile(path) == "old")
    }
    #expect(status(path).st_mode & 0o777 == 0o600)
  }

  @Test("a killed writer, and what others left. Expect no file of the first, and what nobody writes removed")
  func killed() throws {
    let folder = try #require(TemporaryFolder())
    let path = try file("out", in: folder)
    // As a process leaves it that is killed between the two names.
    let leftover = "\(folder.path)/.tdxbench-out-0"
    close(open(leftover, O_WRONLY | O_CREAT, 0o600))
    let busy = "\(folder.path)/.tdxbench-out-1"
    let lock = open(busy, O_WRONLY | O_CREAT, 0o600)
    flock(lock, LOCK_EX)
    try AtomicFile.write("new", to: path)
    #expect(try namesInFolder(folder.path).sorted() == [".tdxbench-out-1", "out"])
    close(lock)
    #expect(try textOfFile(path) == "new")
  }

  @Test("whether a file could be written. Expect to be told before, and no trace")
  func checked() throws {
    let folder = try #require(TemporaryFolder())
    try AtomicFile.checkWritable("\(folder.path)/new")
    try AtomicFile.checkWritable("/dev/null")
    #expect(throws: SystemError.self) { try AtomicFile.checkWritable("\(folder.path)/no/new") }
    #expect(throws: SystemError.self) { try AtomicFile.checkWritable(folder.path + "/") }
    #expect(try namesInFolder(folder.path).isEmpty)
  }
}
