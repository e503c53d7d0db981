import BenchmarkKit
import Glibc

/// A folder beside its final place, in which files are written before they appear together. Locked until this is gone.
struct StagedFolder: ~Copyable {
  static let prefix = ".tmp-"
  let path: String
  private let descriptor: Int32

  init(in folder: String) throws(RecordError) {
    while true {
      let path = "\(folder)/\(Self.prefix)\(String(UInt64.random(in: .min ... .max), radix: 16))"
      guard mkdir(path, 0o777) == 0 else {
        if errno == EEXIST { continue }
        throw RecordError(path, errno)
      }
      let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      // Between mkdir and here another recorder may have taken the folder for a leftover, and removed it.
      if descriptor < 0 {
        if errno == ENOENT { continue }
        let error = RecordError(path, errno)
        rmdir(path)
        throw error
      }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0, access(path, F_OK) == 0 {
        self.path = path
        self.descriptor = descriptor
        return
      }
      close(descriptor)
      rmdir(path)
    }
  }

  deinit { close(descriptor) }

  /// Writes a file, to the disk.
  func write(_ text: String, to name: String) throws(RecordError) {
    let file = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw RecordError("\(path)/\(name)", errno) }
    defer { close(file) }
    guard writeAll(Array(text.utf8), to: file), fsync(file) == 0 else {
      throw RecordError("\(path)/\(name)", errno)
    }
  }

  func remove() { Self.remove(path) }

  /// Makes a folder and those above it.
  static func makeFolders(_ path: String) throws(RecordError) {
    var folder = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      folder += part
      if !part.isEmpty, mkdir(folder, 0o777) != 0, errno != EEXIST { throw RecordError(folder, errno) }
      folder += "/"
    }
  }

  /// Removes what killed processes left in a folder.
  static func removeLeftovers(in path: String) {
    for name in namesInFolder(path) ?? [] where name.hasPrefix(Self.prefix) {
      let leftover = "\(path)/\(name)"
      let descriptor = open(leftover, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      // Locked: another process is writing it. A process that is killed loses its locks.
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { Self.remove(leftover) }
    }
  }

  /// By name, not by descriptor: a folder that has got its final name meanwhile is safe.
  static func remove(_ path: String) {
    for name in namesInFolder(path) ?? [] { unlink("\(path)/\(name)") }
    rmdir(path)
  }
}

/// Puts the names in a folder on the disk. File systems that cannot say EINVAL.
func synchronize(_ folder: String) throws(RecordError) {
  let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { throw RecordError(folder, errno) }
  defer { close(descriptor) }
  guard fsync(descriptor) == 0 || errno == EINVAL else { throw RecordError(folder, errno) }
}
