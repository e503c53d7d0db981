import Glibc

/// A file that appears whole or not at all.
///
/// The bytes go to a temporary file in the same directory, which takes the file's name once everything is on the
/// disk. A pipe, a device or a terminal cannot appear whole: it is written as it comes.
public enum AtomicFile {
  /// Writes a file in as many pieces as `body` likes.
  ///
  /// - Throws: `SystemError`; nothing is left behind.
  public static func write(
    to path: String,
    _ body: (inout FileWriter) throws(SystemError) -> Void
  ) throws(SystemError) {
    guard !path.utf8.contains(0), !path.isEmpty else { throw SystemError(.write, path, code: ENOENT) }
    if ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].contains(path) {
      return try write(to: STDOUT_FILENO, path, body)
    }
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists && status.st_mode & S_IFMT != S_IFREG {
      let descriptor = open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw SystemError(.write, path) }
      defer { close(descriptor) }
      return try write(to: descriptor, path, body)
    }
    // A symbolic link stays one: what it leads to is replaced.
    let target = exists ? resolved(path) : path
    try replace(target, mode: exists ? status.st_mode & 0o7777 : nil, body)
  }

  public static func write(_ text: String, to path: String) throws(SystemError) {
    try write(to: path) { (writer) throws(SystemError) in try writer.write(text) }
  }

  private static func write(
    to descriptor: Int32,
    _ path: String,
    _ body: (inout FileWriter) throws(SystemError) -> Void
  ) throws(SystemError) {
    var writer = FileWriter(descriptor: descriptor, path: path)
    try body(&writer)
    try writer.flush()
  }

  private static func replace(
    _ path: String,
    mode: mode_t?,
    _ body: (inout FileWriter) throws(SystemError) -> Void
  ) throws(SystemError) {
    let folder = SystemIO.folder(of: path)
    let (descriptor, temporary) = try createTemporary(in: folder, for: path)
    do throws(SystemError) {
      defer { close(descriptor) }
      try write(to: descriptor, path, body)
      if let mode, fchmod(descriptor, mode) != 0 { throw SystemError(.write, path) }
      guard fsync(descriptor) == 0 else { throw SystemError(.write, path) }
      guard rename(temporary, path) == 0 else { throw SystemError(.write, path) }
    } catch {
      unlink(temporary)
      throw error
    }
    try synchronize(folder: folder)
  }

  private static func createTemporary(
    in folder: String,
    for path: String
  ) throws(SystemError) -> (Int32, String) {
    while true {
      let temporary = "\(folder)/.tdxbench-\(String(UInt64.random(in: .min ... .max), radix: 16))"
      let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 { return (descriptor, temporary) }
      guard errno == EEXIST else { throw SystemError(.write, path) }
    }
  }

  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }
}

/// Where the pieces of a file go.
public struct FileWriter {
  private let descriptor: Int32
  private let path: String
  private var pending: [UInt8] = []
  private static let bufferBytes = 1 << 16

  init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  /// Small pieces are gathered; large ones go out as they are.
  public mutating func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
    if pending.count + bytes.count > Self.bufferBytes { try flush() }
    if bytes.count > Self.bufferBytes {
      try writeAll(bytes, to: descriptor, path)
    } else {
      pending += bytes
    }
  }

  public mutating func write(_ bytes: [UInt8]) throws(SystemError) {
    try bytes.withRawBytes { (bytes) throws(SystemError) in try write(bytes) }
  }

  /// Writes so many bytes of 0.
  public mutating func writeZeros(_ count: Int) throws(SystemError) {
    let zeros = [UInt8](repeating: 0, count: min(count, Self.bufferBytes))
    var rest = count
    while rest > 0 {
      try write(Array(zeros.prefix(rest)))
      rest -= min(rest, zeros.count)
    }
  }

  public mutating func write(_ text: String) throws(SystemError) {
    if pending.count + text.utf8.count > Self.bufferBytes { try flush() }
    pending += text.utf8
  }

  mutating func flush() throws(SystemError) {
    try pending.withRawBytes { (bytes) throws(SystemError) in try writeAll(bytes, to: descriptor, path) }
    pending.removeAll(keepingCapacity: true)
  }
}
