import CLeftovers
import Glibc

/// A folder beside its final place, in which files are written before they appear together. Locked until this is gone; a
/// signal that ends the process (SIGINT, SIGTERM, SIGHUP) removes it, and where it is killed, the next who looks does.
package struct StagedFolder: ~Copyable {
  package static let prefix = ".tmp-"
  package let path: String
  private let descriptor: Int32
  /// By what a signal that ends this process finds it.
  private let leftover: Int32

  package init(in folder: String) throws(SystemError) {
    while true {
      let path = "\(folder)/\(Self.prefix)\(String(UInt64.random(in: .min ... .max), radix: 16))"
      guard mkdir(path, 0o777) == 0 else {
        if errno == EEXIST { continue }
        throw SystemError(.write, path)
      }
      let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      // Between mkdir and here another recorder may have taken the folder for a leftover, and removed it.
      if descriptor < 0 {
        if errno == ENOENT { continue }
        let error = SystemError(.write, path)
        rmdir(path)
        throw error
      }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0, access(path, F_OK) == 0 {
        self.path = path
        leftover = remove_at_signal(path)
        self.descriptor = descriptor
        return
      }
      close(descriptor)
      rmdir(path)
    }
  }

  deinit {
    keep_at_signal(leftover)
    close(descriptor)
  }

  /// Writes a file, to the disk.
  package func write(_ text: String, to name: String) throws(SystemError) {
    let file = Glibc.open("\(path)/\(name)", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw SystemError(.write, "\(path)/\(name)") }
    defer { close(file) }
    try writeAll(text, to: file, "\(path)/\(name)")
    guard fsync(file) == 0 else { throw SystemError(.write, "\(path)/\(name)") }
  }

  /// Opens a file to be written piece by piece.
  package func open(_ name: String) throws(SystemError) -> StagedFile { try StagedFile("\(path)/\(name)") }

  package func remove() { Self.remove(path) }

  /// Removes what killed processes left in a folder.
  package static func removeLeftovers(in path: String) {
    for name in (try? namesInFolder(path)) ?? [] where name.hasPrefix(Self.prefix) {
      let leftover = "\(path)/\(name)"
      let descriptor = Glibc.open(leftover, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      // Locked: another process is writing it. A process that is killed loses its locks.
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { Self.remove(leftover) }
    }
  }

  /// By name, not by descriptor: a folder that has got its final name meanwhile is safe.
  static func remove(_ path: String) {
    for name in (try? namesInFolder(path)) ?? [] { unlink("\(path)/\(name)") }
    rmdir(path)
  }
}
