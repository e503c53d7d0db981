import CLeftovers
import Glibc

/// A file that appears whole or not at all. Everything that this program writes under a name goes through here, but for
/// folders of several files (``StagedFolder``), and the rules are those of careful tools (`sort -o`, `install`):
///
/// * The bytes go to a file without a name in the same directory (O_TMPFILE), which takes the name once everything is on
///   the disk. However the process ends before that, nothing is left. Where the file system has no such files, they go to
///   `.tdxbench-NAME-0`, locked while it is written and removed by a signal that ends the process; what a killed one left of
///   that, the next who writes NAME removes.
/// * A file that is there must be one that its writer may write. It keeps its owner, its group and its permissions, never a
///   set-user-ID or set-group-ID bit; until the end nobody but the writer may read what replaces it. Where the owner cannot
///   be kept, for it is another user, nothing is written (EPERM); where the group cannot, it is given up, and what it may do
///   with it. Access lists and extended attributes are not carried over; another hard link keeps the old contents.
/// * A symbolic link stays one: what it leads to is written, also where nothing is there yet; but not through a link of
///   somebody else's in a folder that all may write and that is sticky, as Linux would not (protected_symlinks).
/// * A pipe, a device or a terminal cannot appear whole: it is written as it comes.
public enum AtomicFile {
  /// Writes a file in as many pieces as `body` likes.
  ///
  /// - Throws: `SystemError`; nothing is left behind.
  public static func write(
    to path: String,
    _ body: (inout FileWriter) throws(SystemError) -> Void
  ) throws(SystemError) {
    switch try place(of: path) {
    case .standardOutput: try write(to: STDOUT_FILENO, path, body)
    case .stream:
      let descriptor = open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw SystemError(.write, path) }
      defer { close(descriptor) }
      try write(to: descriptor, path, body)
    case .file(let target, let old): try replace(target, old, body)
    }
  }

  public static func write(_ text: String, to path: String) throws(SystemError) {
    try write(to: path) { (writer) throws(SystemError) in try writer.write(text) }
  }

  /// Finds out whether a file could be written, without a trace.
  ///
  /// - Throws: what ``write(to:_:)`` would, as far as it shows now.
  public static func checkWritable(_ path: String) throws(SystemError) {
    switch try place(of: path) {
    case .standardOutput: break
    case .stream:
      guard !isFolder(path) else { throw SystemError(.write, path, code: EISDIR) }
      guard access(path, W_OK) == 0 else { throw SystemError(.write, path) }
    case .file(let target, _):
      guard access(folder(of: target), W_OK | X_OK) == 0 else { throw SystemError(.write, path) }
    }
  }

  // MARK: - Where it goes

  private enum Place {
    case standardOutput
    /// Something that is no regular file.
    case stream
    /// The path behind all symbolic links, and what is there already.
    case file(String, stat?)
  }

  private static func place(of path: String) throws(SystemError) -> Place {
    guard !path.utf8.contains(0), !path.isEmpty else { throw SystemError(.write, path, code: ENOENT) }
    if ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].contains(path) { return .standardOutput }
    var status = stat()
    guard stat(path, &status) == 0 else {
      guard errno == ENOENT else { throw SystemError(.write, path) }
      return .file(try endOfLink(path), nil)
    }
    guard status.st_mode & S_IFMT == S_IFREG else { return .stream }
    // Whether it may be written is the system's to say.
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError(.write, path) }
    close(descriptor)
    guard status.st_uid == geteuid() || geteuid() == 0 else { throw SystemError(.write, path, code: EPERM) }
    guard let real = realpath(path, nil) else { throw SystemError(.write, path) }
    defer { free(real) }
    return .file(String(cString: real), status)
  }

  /// The path that a symbolic link leads to, though nothing is there; a path that is no link itself.
  private static func endOfLink(_ link: String) throws(SystemError) -> String {
    var path = link
    // As many as Linux follows.
    for _ in 0..<40 {
      var status = stat()
      guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return path }
      var above = stat()
      let folder = SystemIO.folder(of: path)
      guard stat(folder, &above) == 0 else { throw SystemError(.write, link) }
      let isShared = above.st_mode & (S_ISVTX | S_IWOTH) == S_ISVTX | S_IWOTH
      guard !isShared || status.st_uid == geteuid() || status.st_uid == above.st_uid else {
        throw SystemError(.write, link, code: EACCES)
      }
      var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
      let count = target.withUnsafeMutableBytes { readlink(path, $0.baseAddress!, $0.count) }
      guard count > 0 else { throw SystemError(.write, link) }
      let name = String(decoding: target[..<count], as: UTF8.self)
      path = name.hasPrefix("/") ? name : "\(folder)/\(name)"
    }
    throw SystemError(.write, link, code: ELOOP)
  }

  // MARK: - Writing

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
    _ old: stat?,
    _ body: (inout FileWriter) throws(SystemError) -> Void
  ) throws(SystemError) {
    let file = try UnfinishedFile(for: path, mode: old == nil ? 0o666 : 0o600)
    do throws(SystemError) {
      try write(to: file.descriptor, path, body)
      if let old { try keepOwner(old, of: file.descriptor, path) }
      guard fsync(file.descriptor) == 0 else { throw SystemError(.write, path) }
      try file.takeName()
    } catch {
      file.abandon()
      throw error
    }
    try synchronize(folder: folder(of: path))
  }

  private static func keepOwner(_ old: stat, of descriptor: Int32, _ path: String) throws(SystemError) {
    var new = stat()
    guard fstat(descriptor, &new) == 0 else { throw SystemError(.write, path) }
    var mode = old.st_mode & 0o777
    if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid), fchown(descriptor, old.st_uid, old.st_gid) != 0 {
      guard new.st_uid == old.st_uid else { throw SystemError(.write, path) }
      // The group that it has now may do what all may.
      mode = mode & 0o707 | (mode & 0o007) << 3
    }
    guard fchmod(descriptor, mode) == 0 else { throw SystemError(.write, path) }
  }
}

/// A file on its way to its name. Its descriptor is closed with it.
private final class UnfinishedFile {
  let descriptor: Int32
  private let path: String
  /// The name that it has meanwhile; nil for none.
  private var name: String? {
    didSet {
      keep_at_signal(leftover)
      leftover = name.map { remove_at_signal($0) } ?? -1
    }
  }
  /// By what a signal that ends this process finds it under that name.
  private var leftover: Int32 = -1

  init(for path: String, mode: mode_t) throws(SystemError) {
    self.path = path
    // Names are given to what has none through /proc.
    if access("/proc/self/fd", X_OK) == 0 {
      let unnamed = open(folder(of: path), O_WRONLY | temporaryFile | O_CLOEXEC, mode)
      if unnamed >= 0 {
        descriptor = unnamed
        // For the moment in which it has another name than its own.
        flock(descriptor, LOCK_EX | LOCK_NB)
        return
      }
      // EISDIR is what kernels and file systems say that have no such files.
      guard [EOPNOTSUPP, EISDIR, EINVAL, ENOENT].contains(errno) else { throw SystemError(.write, path) }
    }
    var named: Int32 = -1
    name = try Self.beside(path) { name in
      named = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
      guard named >= 0 else { return false }
      // Before the lock another writer may have taken it for a leftover.
      var status = stat()
      if flock(named, LOCK_EX | LOCK_NB) == 0, fstat(named, &status) == 0, status.st_nlink > 0 { return true }
      close(named)
      errno = EEXIST
      return false
    }
    descriptor = named
    leftover = name.map { remove_at_signal($0) } ?? -1
  }

  deinit {
    keep_at_signal(leftover)
    close(descriptor)
  }

  /// Makes it the file that has the path, in one step.
  func takeName() throws(SystemError) {
    if name == nil {
      let unnamed = "/proc/self/fd/\(descriptor)"
      let link: (String) -> Bool = { linkat(AT_FDCWD, unnamed, AT_FDCWD, $0, AT_SYMLINK_FOLLOW) == 0 }
      // A link is never put in the place of something.
      if link(path) { return }
      guard errno == EEXIST else { throw SystemError(.write, path) }
      name = try Self.beside(path, link)
    }
    guard let name, rename(name, path) == 0 else { throw SystemError(.write, path) }
    self.name = nil
  }

  /// Removes what there is of it.
  func abandon() {
    if let name { unlink(name) }
    name = nil
  }

  /// A name in the folder of a path that `make` has made something of; it says EEXIST where it could not for that.
  private static func beside(_ path: String, _ make: (String) -> Bool) throws(SystemError) -> String {
    // Names have up to 255 bytes.
    let last = String(decoding: (path.utf8.split(separator: 0x2f).last ?? []).suffix(200), as: UTF8.self)
    for number in 0..<1000 {
      let name = "\(folder(of: path))/.tdxbench-\(last)-\(number)"
      for _ in 0..<10 {
        if make(name) { return name }
        guard errno == EEXIST else { throw SystemError(.write, path) }
        guard removeLeftover(name) else { break }
      }
    }
    throw SystemError(.write, path, code: EEXIST)
  }

  /// Removes what nobody writes any more. A process that is killed loses its locks.
  private static func removeLeftover(_ name: String) -> Bool {
    let descriptor = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return errno == ENOENT }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
    return flock(descriptor, LOCK_EX | LOCK_NB) == 0 && unlink(name) == 0
  }
}

/// O_TMPFILE, which Swift's import of the C library leaves out.
private let temporaryFile: Int32 = 0o20_000_000 | O_DIRECTORY

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
