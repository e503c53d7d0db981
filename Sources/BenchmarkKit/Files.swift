import Glibc

/// The text of a file, whatever is not UTF-8 in it replaced; nil where it cannot be read. Files of /proc and /sys,
/// which have no size, are read too.
package func textOfFile(_ path: String) -> String? {
  bytesOfFile(path).map { String(decoding: $0, as: UTF8.self) }
}

/// The bytes of a file; nil where it cannot be read, or has more than ``longestFile``: errno tells which. Nothing is waited
/// for: a pipe that nobody writes to is empty.
package func bytesOfFile(_ path: String) -> [UInt8]? {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard descriptor >= 0 else { return nil }
  let bytes = readAll(descriptor, limit: longestFile)
  let code = errno
  close(descriptor)
  errno = code
  return bytes
}

/// No file of a record, of baselines or of /proc comes near it; a device that never ends does.
let longestFile = 1 << 28

/// What a descriptor has until its end; nil where it cannot be read, or has more than `limit`.
func readAll(_ descriptor: Int32, limit: Int = .max) -> [UInt8]? {
  var bytes: [UInt8] = []
  var piece = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = read(descriptor, &piece, piece.count)
    if count < 0 && errno == EINTR { continue }
    guard count >= 0 else { return nil }
    guard count > 0 else { return bytes }
    guard bytes.count <= limit - count else {
      errno = EFBIG
      return nil
    }
    bytes += piece[..<count]
  }
}

/// Writes all bytes, in as many pieces as it takes.
///
/// - Returns: whether all went out; errno tells why not.
package func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
  var bytes = bytes[...]
  while !bytes.isEmpty {
    let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if count < 0 && errno == EINTR { continue }
    guard count >= 0 else { return false }
    bytes = bytes.dropFirst(count)
  }
  return true
}

/// What lies in a folder, without `.` and `..`, in no order; nil where it cannot be read.
package func namesInFolder(_ path: String) -> [String]? {
  guard let folder = opendir(path) else { return nil }
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

/// The path of this program; nil where /proc does not tell.
///
/// A child process that were given `/proc/self/exe` would find itself there.
package let executablePath: String? = {
  guard let path = realpath("/proc/self/exe", nil) else { return nil }
  defer { free(path) }
  return String(cString: path)
}()
