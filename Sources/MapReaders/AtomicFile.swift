import SystemPackage

#if canImport(Glibc)
  import Glibc
#endif

/// A file that appears whole or not at all.
///
/// The bytes go to a temporary file in the same directory, which takes the file's name once everything is on the
/// disk. A pipe, a device or a terminal cannot appear whole: it is written as it comes.
public enum AtomicFile {
  /// Writes a file in as many pieces as `body` likes.
  ///
  /// - Throws: `InputError` of kind `.io` (or `.notFound` where the directory is missing); nothing is left behind.
  public static func write(
    to path: String,
    _ body: (inout FileWriter) throws(InputError) -> Void
  ) throws(InputError) {
    guard !path.utf8.contains(0), !path.isEmpty else { throw systemError(path, ENOENT) }
    if ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].contains(path) {
      return try write(to: STDOUT_FILENO, path, body)
    }
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists && status.st_mode & S_IFMT != S_IFREG {
      let descriptor = open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw systemError(path) }
      defer { close(descriptor) }
      return try write(to: descriptor, path, body)
    }
    // A symbolic link stays one: what it leads to is replaced.
    let target = exists ? resolved(path) : path
    try replace(target, mode: exists ? status.st_mode & 0o7777 : nil, body)
  }

  public static func write(_ bytes: [UInt8], to path: String) throws(InputError) {
    try write(to: path) { (writer) throws(InputError) in
      try bytes.withRawBytes { (bytes) throws(InputError) in try writer.write(bytes) }
    }
  }

  public static func write(_ text: String, to path: String) throws(InputError) {
    try write(Array(text.utf8), to: path)
  }

  private static func write(
    to descriptor: Int32,
    _ path: String,
    _ body: (inout FileWriter) throws(InputError) -> Void
  ) throws(InputError) {
    var writer = FileWriter(descriptor: descriptor, path: path)
    try body(&writer)
    try writer.flush()
  }

  private static func replace(
    _ path: String,
    mode: mode_t?,
    _ body: (inout FileWriter) throws(InputError) -> Void
  ) throws(InputError) {
    let directory = FilePath(path).removingLastComponent()
    let directoryPath = directory.isEmpty ? "." : directory.string
    let (descriptor, temporary) = try createTemporary(in: directoryPath, for: path)
    do throws(InputError) {
      defer { close(descriptor) }
      try write(to: descriptor, path, body)
      if let mode, fchmod(descriptor, mode) != 0 { throw systemError(path) }
      guard fsync(descriptor) == 0 else { throw systemError(path) }
      guard rename(temporary, path) == 0 else { throw systemError(path) }
    } catch {
      unlink(temporary)
      throw error
    }
    try synchronize(directory: directoryPath, for: path)
  }

  private static func createTemporary(
    in directory: String,
    for path: String
  ) throws(InputError) -> (Int32, String) {
    while true {
      let temporary = "\(directory)/.tdxbench-\(String(UInt64.random(in: .min ... .max), radix: 16))"
      let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 { return (descriptor, temporary) }
      guard errno == EEXIST else { throw systemError(path) }
    }
  }

  /// Makes the new name durable. File systems that cannot synchronize directories say EINVAL.
  private static func synchronize(directory: String, for path: String) throws(InputError) {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }  // A directory may be writable and not readable.
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw systemError(path) }
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

  fileprivate init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  /// Small pieces are gathered; large ones go out as they are.
  public mutating func write(_ bytes: UnsafeRawBufferPointer) throws(InputError) {
    if pending.count + bytes.count > Self.bufferBytes { try flush() }
    if bytes.count > Self.bufferBytes { try writeNow(bytes) } else { pending += bytes }
  }

  public mutating func write(_ bytes: [UInt8]) throws(InputError) {
    try bytes.withRawBytes { (bytes) throws(InputError) in try write(bytes) }
  }

  /// Writes so many bytes of 0.
  public mutating func writeZeros(_ count: Int) throws(InputError) {
    let zeros = [UInt8](repeating: 0, count: min(count, Self.bufferBytes))
    var rest = count
    while rest > 0 {
      try write(Array(zeros.prefix(rest)))
      rest -= min(rest, zeros.count)
    }
  }

  public mutating func write(_ text: String) throws(InputError) {
    if pending.count + text.utf8.count > Self.bufferBytes { try flush() }
    pending += text.utf8
  }

  mutating func flush() throws(InputError) {
    try pending.withRawBytes { (bytes) throws(InputError) in try writeNow(bytes) }
    pending.removeAll(keepingCapacity: true)
  }

  private func writeNow(_ bytes: UnsafeRawBufferPointer) throws(InputError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest)
      let written = Glibc.write(descriptor, piece.baseAddress, piece.count)
      if written < 0 && errno == EINTR { continue }
      guard written >= 0 else { throw systemError(path) }
      rest = rest.dropFirst(written)
    }
  }
}
