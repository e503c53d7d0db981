import Glibc

/// The bytes of one input for as long as the object lives, read into memory of its own: what other processes do to a file
/// meanwhile changes nothing.
///
/// A file that is mapped is not its reader's: one that is shortened ends the reader (SIGBUS), and one that is written to is
/// other than what was checked. To copy a packed map of 10^7 regions takes what LIMITS.md says.
public final class InputBytes {
  private let pages: PageMemory
  private let count: Int

  /// The most bytes of an input, whatever it is.
  public static let readLimit = 1 << 30

  private init(_ pages: consuming PageMemory, count: Int) {
    self.pages = pages
    self.count = count
  }

  /// Lends the bytes. Who keeps them for longer keeps the object too.
  public func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(self) {} }
    return try body(UnsafeRawBufferPointer(rebasing: pages.bytes[..<count]))
  }

  /// Opens a file that is no folder, and reads it. A pipe is waited for: somebody named it.
  ///
  /// - Throws: `EFBIG` where there is more than the limit, a file before anything of it is read; `ENOMEM`.
  package static func open(_ path: String, limit: Int = readLimit) throws(SystemError) -> InputBytes {
    let descriptor = try openForReading(path)
    defer { close(descriptor) }
    let status = try statusOfFile(descriptor, path)
    if status.isFolder { throw SystemError(.read, path, code: EISDIR) }
    guard status.isRegular, status.size > 0 else {
      return try read(descriptor, name: path, limit: limit)
    }
    guard status.size <= limit else { throw SystemError(.read, path, code: EFBIG) }
    return try read(descriptor, name: path, limit: limit, expecting: status.size)
  }

  /// Reads what a descriptor has until its end.
  ///
  /// - Parameter expecting: how many bytes that may be. It may be more, or fewer.
  /// - Throws: `EFBIG` where it is more than the limit; `ENOMEM`.
  package static func read(
    _ descriptor: Int32,
    name: String,
    limit: Int = readLimit,
    expecting: Int = 0
  ) throws(SystemError) -> InputBytes {
    var pages = try PageMemory(max(expecting + 1, min(1 << 16, limit + 1)))
    var count = 0
    while true {
      if count == pages.bytes.count { try pages.grow(to: min(2 * count, limit + 1)) }
      let got = Glibc.read(descriptor, pages.bytes.baseAddress! + count, pages.bytes.count - count)
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw SystemError(.read, name) }
      guard got > 0 else { return InputBytes(pages, count: count) }
      count += got
      guard count <= limit else { throw SystemError(.read, name, code: EFBIG) }
    }
  }
}
