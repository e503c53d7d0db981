import Glibc

/// A file of a `StagedFolder` that is written piece by piece.
package final class StagedFile {
  private let descriptor: Int32
  private let path: String
  private var writer: FileWriter

  init(_ path: String) throws(SystemError) {
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw SystemError(.write, path) }
    self.path = path
    writer = FileWriter(descriptor: descriptor, path: path)
  }

  deinit { close(descriptor) }

  package func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) { try writer.write(bytes) }
  package func write(_ text: String) throws(SystemError) { try writer.write(text) }

  /// Puts everything on the disk.
  package func finish() throws(SystemError) {
    try writer.flush()
    guard fsync(descriptor) == 0 else { throw SystemError(.write, path) }
  }
}
