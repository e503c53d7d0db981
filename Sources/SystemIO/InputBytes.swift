import Glibc

/// The bytes of one input for as long as the object lives: a regular file mapped, anything else read to its end.
///
/// A file that another process shortens while it is mapped ends this one (SIGBUS), as with every mapped file.
public final class InputBytes {
  private let bytes: UnsafeRawBufferPointer
  private let release: () -> Void

  /// Pipes, devices and /proc files are read into memory up to this size; regular files have no limit.
  package static let readLimit = 1 << 30

  private init(_ bytes: UnsafeRawBufferPointer, release: @escaping () -> Void) {
    self.bytes = bytes
    self.release = release
  }

  deinit { release() }

  /// Lends the bytes. Who keeps them for longer keeps the object too.
  public func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(self) {} }
    return try body(bytes)
  }

  /// Makes a part of a mapped file ready to be read: one call in place of a page fault for every 64 KiB of it, which took
  /// a tenth of the time of a sweep. Where it fails, as in Linux before 5.14, who reads meets the faults.
  package func fillPageTables(of part: UnsafeRawBufferPointer) {
    guard let base = part.baseAddress else { return }
    let excess = Int(bitPattern: base) % Int(getpagesize())
    madvise(UnsafeMutableRawPointer(mutating: base - excess), part.count + excess, MADV_POPULATE_READ)
  }

  /// Opens a file that is no folder.
  ///
  /// - Throws: `EFBIG` where more than ``readLimit`` comes through a pipe or a device.
  package static func open(_ path: String) throws(SystemError) -> InputBytes {
    let descriptor = try openForReading(path)
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw SystemError(.read, path) }
    if status.st_mode & S_IFMT == S_IFDIR { throw SystemError(.read, path, code: EISDIR) }
    if status.st_mode & S_IFMT == S_IFREG, let mapped = map(descriptor, size: Int(status.st_size)) {
      return mapped
    }
    return try read(descriptor, name: path)
  }

  /// Maps the file; nil where it cannot be mapped (/proc and /sys files) or is empty.
  private static func map(_ descriptor: Int32, size: Int) -> InputBytes? {
    guard size > 0, let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED
    else {
      return nil
    }
    madvise(base, size, MADV_SEQUENTIAL)
    return InputBytes(UnsafeRawBufferPointer(start: base, count: size)) { munmap(base, size) }
  }

  /// Reads what a descriptor has until its end.
  package static func read(_ descriptor: Int32, name: String) throws(SystemError) -> InputBytes {
    var capacity = 1 << 16
    var base = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
    var count = 0
    while true {
      if count == capacity {
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity * 2, alignment: 16)
        larger.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = larger
        capacity *= 2
      }
      let got = Glibc.read(descriptor, base + count, capacity - count)
      if got < 0 && errno == EINTR { continue }
      let code = got < 0 ? errno : EFBIG
      guard got >= 0, count + got <= readLimit else {
        base.deallocate()
        throw SystemError(.read, name, code: code)
      }
      if got == 0 {
        let storage = base
        return InputBytes(UnsafeRawBufferPointer(start: base, count: count)) { storage.deallocate() }
      }
      count += got
    }
  }
}
