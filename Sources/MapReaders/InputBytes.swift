import SystemPackage
import TDXMemory

#if canImport(Glibc)
  import Glibc
#endif

/// The bytes of one input for as long as the object lives: a regular file mapped, anything else read to its end.
///
/// A file that another process shortens while it is mapped ends this one (SIGBUS), as with every mapped file.
public final class InputBytes {
  private let bytes: UnsafeRawBufferPointer
  private let release: () -> Void

  /// Pipes, devices and /proc files are read into memory up to this size; regular files have no limit.
  static let readLimit = 1 << 30

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
  func fillPageTables(of part: UnsafeRawBufferPointer) {
    guard let base = part.baseAddress else { return }
    let excess = Int(bitPattern: base) % Int(pageSize)
    madvise(UnsafeMutableRawPointer(mutating: base - excess), part.count + excess, MADV_POPULATE_READ)
  }

  /// Opens a file that is no directory.
  static func open(_ path: String) throws(InputError) -> InputBytes {
    let descriptor = try openForReading(path)
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw systemError(path) }
    if status.st_mode & S_IFMT == S_IFDIR { throw systemError(path, EISDIR) }
    if status.st_mode & S_IFMT == S_IFREG, let mapped = map(descriptor, size: Int(status.st_size)) {
      return mapped
    }
    return try readAll(descriptor, name: path)
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

  static func readStandardInput() throws(InputError) -> InputBytes {
    try readAll(STDIN_FILENO, name: Input.standardInputName)
  }

  private static func readAll(_ descriptor: Int32, name: String) throws(InputError) -> InputBytes {
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
      let got = read(descriptor, base + count, capacity - count)
      if got < 0 && errno == EINTR { continue }
      let error = errno
      guard got >= 0, count + got <= readLimit else {
        base.deallocate()
        if got < 0 { throw systemError(name, error) }
        throw InputError(
          kind: .badData,
          file: name,
          message: "more than 1 GiB comes through a pipe or a device"
        )
      }
      if got == 0 {
        let storage = base
        return InputBytes(UnsafeRawBufferPointer(start: base, count: count)) { storage.deallocate() }
      }
      count += got
    }
  }
}

/// Opens a file, or says why not.
func openForReading(_ path: String, flags: Int32 = 0) throws(InputError) -> Int32 {
  guard !path.utf8.contains(0) else { throw systemError(path, ENOENT) }
  let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | flags)
  guard descriptor >= 0 else { throw systemError(path) }
  return descriptor
}

/// What the system said about a file.
func systemError(_ file: String, _ code: Int32 = errno) -> InputError {
  let isMissing = [ENOENT, ENOTDIR, ENAMETOOLONG].contains(code)
  return InputError(
    kind: isMissing ? .notFound : .io,
    file: file,
    message: Errno(rawValue: code).description
  )
}

/// The names in a directory, in no order.
func directoryEntries(_ path: String) throws(InputError) -> [String] {
  guard let directory = opendir(path) else { throw systemError(path) }
  defer { closedir(directory) }
  var names: [String] = []
  while let entry = readdir(directory) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names
}

func isDirectory(_ path: String) -> Bool {
  var status = stat()
  return !path.utf8.contains(0) && stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// The one line of a small file under /sys, or of a copy of it.
func smallFile(_ path: String) throws(InputError) -> String {
  try InputBytes.open(path).withBytes { (bytes) throws(InputError) in
    guard bytes.count <= 1 << 16 else {
      throw InputError(kind: .badData, file: path, message: "the file is too long to be one of /sys")
    }
    return String(decoding: bytes.prefix { $0 != 10 && $0 != 13 && $0 != 0 }, as: UTF8.self)
  }
}

/// Lends a cursor over text.
func withCursor<Result, Failure: Error>(
  _ text: String,
  _ body: (TextCursor) throws(Failure) -> Result
) throws(Failure) -> Result {
  let bytes = Array(text.utf8) + [0]
  return try bytes.withUnsafeBufferPointer { (buffer) throws(Failure) in
    let base = buffer.baseAddress!  // Never empty: it ends with a 0 byte.
    return try body(TextCursor(from: base, to: base + buffer.count - 1))
  }
}

extension Array where Element == UInt8 {
  /// `withUnsafeBytes` with a typed error.
  func withRawBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withUnsafeBufferPointer { (buffer) throws(Failure) in try body(UnsafeRawBufferPointer(buffer)) }
  }
}
