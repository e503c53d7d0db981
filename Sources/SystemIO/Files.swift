import Glibc
import SystemPackage

/// The text of a file, whatever is not UTF-8 in it replaced. Files of /proc and /sys, which have no size, are read too.
package func textOfFile(_ path: String) throws(SystemError) -> String {
  String(decoding: try bytesOfFile(path), as: UTF8.self)
}

/// The bytes of a file. Nothing is waited for: a pipe that nobody writes to is empty.
///
/// - Throws: where it cannot be read, or has more than ``longestFile`` (`EFBIG`), which a file is asked before it is read.
package func bytesOfFile(_ path: String) throws(SystemError) -> [UInt8] {
  let descriptor = try openForReading(path, flags: O_NONBLOCK)
  defer { close(descriptor) }
  let status = try statusOfFile(descriptor, path)
  if status.isRegular, status.size > longestFile { throw SystemError(.read, path, code: EFBIG) }
  return try readAll(descriptor, path, limit: longestFile)
}

/// The bytes of a small file, as those of /sys are: of a regular one alone. Nothing is waited for, and no device is opened.
///
/// - Parameter limit: the most bytes; of a longer file one more is read.
/// - Returns: nil where something other than a file is there.
package func bytesOfSmallFile(_ path: String, limit: Int) throws(SystemError) -> [UInt8]? {
  guard !path.utf8.contains(0) else { throw SystemError(.read, path, code: ENOENT) }
  var status = stat()
  guard stat(path, &status) == 0 else { throw SystemError(.read, path) }
  guard status.st_mode & S_IFMT == S_IFREG else { return nil }
  let descriptor = try openForReading(path, flags: O_NONBLOCK | O_NOCTTY)
  defer { close(descriptor) }
  // It may be another by now.
  guard try statusOfFile(descriptor, path).isRegular else { return nil }
  var bytes = [UInt8](repeating: 0, count: limit + 1)
  var count = 0
  while count < bytes.count {
    let got = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress! + count, $0.count - count) }
    if got < 0, errno == EINTR { continue }
    guard got >= 0 else { throw SystemError(.read, path) }
    guard got > 0 else { break }
    count += got
  }
  bytes.removeLast(bytes.count - count)
  return bytes
}

/// What a descriptor is of: a regular file or not, and its size, 0 for what has none.
func statusOfFile(_ descriptor: Int32, _ path: String) throws(SystemError) -> (
  isRegular: Bool, isFolder: Bool, size: Int
) {
  var status = stat()
  guard fstat(descriptor, &status) == 0 else { throw SystemError(.read, path) }
  let kind = status.st_mode & S_IFMT
  return (kind == S_IFREG, kind == S_IFDIR, Int(status.st_size))
}

/// No file of a record, of baselines or of /proc comes near it; a device that never ends does.
let longestFile = 1 << 28

/// Opens a file, to be closed in programs that are started.
package func openForReading(_ path: String, flags: Int32 = 0) throws(SystemError) -> Int32 {
  // The rest of the name would be lost on the system.
  guard !path.utf8.contains(0) else { throw SystemError(.read, path, code: ENOENT) }
  let descriptor = open(path, O_RDONLY | O_CLOEXEC | flags)
  guard descriptor >= 0 else { throw SystemError(.read, path) }
  return descriptor
}

/// What a descriptor has until its end; `EFBIG` where that is more than `limit`.
package func readAll(
  _ descriptor: Int32,
  _ path: String? = nil,
  limit: Int = .max
) throws(SystemError) -> [UInt8] {
  var bytes: [UInt8] = []
  var piece = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = read(descriptor, &piece, piece.count)
    if count < 0 && errno == EINTR { continue }
    guard count >= 0 else { throw SystemError(.read, path) }
    guard count > 0 else { return bytes }
    guard bytes.count <= limit - count else { throw SystemError(.read, path, code: EFBIG) }
    bytes += piece[..<count]
  }
}

/// Writes all bytes, in as many pieces as it takes.
package func writeAll(
  _ bytes: UnsafeRawBufferPointer,
  to descriptor: Int32,
  _ path: String? = nil
) throws(SystemError) {
  var rest = bytes[...]
  while !rest.isEmpty {
    let piece = UnsafeRawBufferPointer(rebasing: rest)
    let count = try SystemError.retrying(.write, descriptor, path) {
      write(descriptor, piece.baseAddress, piece.count)
    }
    rest = rest.dropFirst(count)
  }
}

package func writeAll(_ text: String, to descriptor: Int32, _ path: String? = nil) throws(SystemError) {
  try Array(text.utf8).withRawBytes { (bytes) throws(SystemError) in
    try writeAll(bytes, to: descriptor, path)
  }
}

/// What lies in a folder, without `.` and `..`, in no order.
package func namesInFolder(_ path: String) throws(SystemError) -> [String] {
  guard let folder = opendir(path) else { throw SystemError(.read, path) }
  defer { closedir(folder) }
  var names: [String] = []
  while let entry = readdir(folder) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
      pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names
}

/// The folder that a path lies in, `.` where it names none.
package func folder(of path: String) -> String {
  let folder = FilePath(path).removingLastComponent()
  return folder.isEmpty ? "." : folder.string
}

package func isFolder(_ path: String) -> Bool {
  var status = stat()
  return !path.utf8.contains(0) && stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// Puts the names in a folder on the disk. File systems that cannot say EINVAL.
package func synchronize(folder: String) throws(SystemError) {
  let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else {
    if errno == EACCES { return }  // A folder may be writable and not readable.
    throw SystemError(.write, folder)
  }
  defer { close(descriptor) }
  guard fsync(descriptor) == 0 || errno == EINVAL else { throw SystemError(.write, folder) }
}

/// The path of this program; nil where /proc does not tell.
///
/// A child process that were given `/proc/self/exe` would find itself there.
package let executablePath: String? = {
  guard let path = realpath("/proc/self/exe", nil) else { return nil }
  defer { free(path) }
  return String(cString: path)
}()

extension Array where Element == UInt8 {
  /// `withUnsafeBytes` with a typed error.
  package func withRawBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withUnsafeBufferPointer { (buffer) throws(Failure) in try body(UnsafeRawBufferPointer(buffer)) }
  }
}
