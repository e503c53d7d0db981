import Glibc

/// A file without a name, closed in programs that are started: it is gone with this object, however the process ends.
package final class TemporaryFile {
  package let descriptor: Int32

  package init(_ bytes: [UInt8] = []) throws(SystemError) {
    guard let template = strdup("\(temporaryFolderPath)/tdxbench-XXXXXX") else { throw SystemError(.write) }
    defer { free(template) }
    descriptor = mkstemp(template)
    guard descriptor >= 0 else { throw SystemError(.write, "\(temporaryFolderPath) (TMPDIR)") }
    unlink(template)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    try bytes.withRawBytes { (bytes) throws(SystemError) in try writeAll(bytes, to: descriptor) }
  }

  deinit { close(descriptor) }

  /// A path that opens it.
  package var path: String { "/proc/self/fd/\(descriptor)" }

  /// Starts over.
  package func rewind() { lseek(descriptor, 0, SEEK_SET) }

  /// Starts over with nothing in it.
  package func empty() {
    rewind()
    ftruncate(descriptor, 0)
  }

  /// Everything in it.
  package func contents() -> [UInt8] {
    let size = Int(lseek(descriptor, 0, SEEK_END))
    return [UInt8](unsafeUninitializedCapacity: max(size, 0)) { buffer, count in
      count = 0
      while count < buffer.count {
        let got = pread(descriptor, buffer.baseAddress! + count, buffer.count - count, off_t(count))
        guard got > 0 else { return }
        count += got
      }
    }
  }

  /// Everything in it as text, whatever is not UTF-8 in it replaced.
  package var text: String { String(decoding: contents(), as: UTF8.self) }

  /// Maps the file for as long as `body` runs; nil where that fails.
  package func withMappedBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
    let size = Int(lseek(descriptor, 0, SEEK_END))
    guard size > 0, let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED
    else { return nil }
    defer { munmap(base, size) }
    return body(UnsafeRawBufferPointer(start: base, count: size))
  }
}
