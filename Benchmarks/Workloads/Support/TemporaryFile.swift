import Glibc

/// A file without a name, for workloads that read one: it is gone with this object, however the process ends.
final class TemporaryFile {
  let descriptor: Int32

  init(_ bytes: [UInt8] = []) throws {
    var template = Array("/tmp/tdxbench-XXXXXX".utf8CString)
    descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw Failure(errno) }
    unlink(template)
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, $0.count - written) }
      guard count > 0 else { throw Failure(errno) }
      written += count
    }
  }

  deinit { close(descriptor) }

  /// A path that opens it.
  var path: String { "/proc/self/fd/\(descriptor)" }

  /// Starts over.
  func rewind() { lseek(descriptor, 0, SEEK_SET) }

  /// Starts over with nothing in it.
  func empty() {
    rewind()
    ftruncate(descriptor, 0)
  }

  /// Everything in it.
  func contents() -> [UInt8] {
    let size = Int(lseek(descriptor, 0, SEEK_END))
    return [UInt8](unsafeUninitializedCapacity: max(size, 0)) { buffer, count in
      count = max(0, pread(descriptor, buffer.baseAddress, buffer.count, 0))
    }
  }

  /// Maps the file for as long as `body` runs; nil where that fails.
  func withMappedBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
    let size = Int(lseek(descriptor, 0, SEEK_END))
    guard size > 0, let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED
    else { return nil }
    defer { munmap(base, size) }
    return body(UnsafeRawBufferPointer(start: base, count: size))
  }

  struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ code: Int32) { description = "no temporary file: \(String(cString: strerror(code)))" }
  }
}
