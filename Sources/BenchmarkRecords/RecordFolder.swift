import BenchmarkKit
import Glibc

/// The folder of all records: `results/DATE.N-MACHINE/`, one folder each.
///
/// A record appears whole or not at all. Its files are written into a folder whose name starts with `.tmp-`, which
/// takes its final name once everything is on the disk. While it is written it is locked; so what a killed process
/// left, and only that, can be told from what another process writes, and the next record removes it.
public struct RecordFolder: Sendable {
  public let path: String

  public init(_ path: String) { self.path = path }

  /// Writes a record, under the first free number of its day.
  ///
  /// - Parameter items: what the items of the workloads are, in the plural.
  /// - Returns: the path of the record's folder.
  /// - Throws: `RecordError`; then nothing is left behind.
  public func write(_ record: Record, of report: Report, items: String) throws(RecordError) -> String {
    try write(
      Record.files(record, report, items: items),
      day: record.run.day,
      machine: record.machine.slug
    )
  }

  func write(
    _ files: [(name: String, text: String)],
    day: String,
    machine: String
  ) throws(RecordError) -> String {
    try makeFolders()
    removeLeftovers()
    let temporary = try TemporaryRecord(in: path)
    do throws(RecordError) {
      for file in files { try temporary.write(file.text, to: file.name) }
      try synchronize(temporary.path)
      let final = try rename(temporary, day: day, machine: machine)
      try synchronize(path)
      return final
    } catch {
      temporary.remove()
      throw error
    }
  }

  /// The names of the records, in the order of their days and numbers.
  ///
  /// - Throws: `RecordError` of kind `.notFound` where the folder cannot be read.
  public func names() throws(RecordError) -> [String] {
    guard let names = namesInFolder(path) else { throw RecordError(path, errno) }
    return names.compactMap(RecordName.init).sorted().map(\.text)
  }

  /// Gives the temporary folder the first free number. Another recorder may take it meanwhile: then the next.
  private func rename(
    _ temporary: borrowing TemporaryRecord,
    day: String,
    machine: String
  ) throws(RecordError) -> String {
    let taken = try names().compactMap(RecordName.init).filter { $0.day == day }.map(\.number).max() ?? 0
    for number in (taken + 1)... {
      let final = "\(path)/\(day).\(number)-\(machine)"
      // rename(2) puts a folder in the place of nothing or of an empty folder, never in that of a record.
      if Glibc.rename(temporary.path, final) == 0 { return final }
      guard [EEXIST, ENOTEMPTY, ENOTDIR].contains(errno) else { throw RecordError(final, errno) }
    }
    throw RecordError(.io, "\(path): no number is free")
  }

  private func makeFolders() throws(RecordError) {
    var folder = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      folder += part
      if !part.isEmpty, mkdir(folder, 0o777) != 0, errno != EEXIST { throw RecordError(folder, errno) }
      folder += "/"
    }
  }

  private func removeLeftovers() {
    for name in namesInFolder(path) ?? [] where name.hasPrefix(TemporaryRecord.prefix) {
      let leftover = "\(path)/\(name)"
      let descriptor = open(leftover, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      // Locked: another process is writing it. A process that is killed loses its locks.
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { TemporaryRecord.remove(leftover) }
    }
  }
}

/// `DATE.N-MACHINE`
private struct RecordName: Comparable {
  let text: String
  let day: String
  let number: Int

  init?(_ text: String) {
    guard let dot = text.firstIndex(of: "."), let dash = text[dot...].firstIndex(of: "-"),
      dot != text.startIndex,
      let number = Int(text[text.index(after: dot)..<dash]), number > 0, number < 1 << 40
    else { return nil }
    self.text = text
    self.number = number
    day = String(text[..<dot])
  }

  static func < (left: RecordName, right: RecordName) -> Bool {
    (left.day, left.number, left.text) < (right.day, right.number, right.text)
  }
}

/// The folder that a record is written into, locked until this is gone.
private struct TemporaryRecord: ~Copyable {
  static let prefix = ".tmp-"
  let path: String
  private let descriptor: Int32

  init(in folder: String) throws(RecordError) {
    while true {
      let path = "\(folder)/\(Self.prefix)\(String(UInt64.random(in: .min ... .max), radix: 16))"
      guard mkdir(path, 0o777) == 0 else {
        if errno == EEXIST { continue }
        throw RecordError(path, errno)
      }
      let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      // Between mkdir and here another recorder may have taken the folder for a leftover, and removed it.
      if descriptor < 0 {
        if errno == ENOENT { continue }
        let error = RecordError(path, errno)
        rmdir(path)
        throw error
      }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0, access(path, F_OK) == 0 {
        self.path = path
        self.descriptor = descriptor
        return
      }
      close(descriptor)
      rmdir(path)
    }
  }

  deinit { close(descriptor) }

  /// Writes a file, to the disk.
  func write(_ text: String, to name: String) throws(RecordError) {
    let file = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw RecordError("\(path)/\(name)", errno) }
    defer { close(file) }
    guard writeAll(Array(text.utf8), to: file), fsync(file) == 0 else {
      throw RecordError("\(path)/\(name)", errno)
    }
  }

  func remove() { Self.remove(path) }

  /// By name, not by descriptor: a folder that has got its final name meanwhile is safe.
  static func remove(_ path: String) {
    for name in namesInFolder(path) ?? [] { unlink("\(path)/\(name)") }
    rmdir(path)
  }
}

/// Puts the names in a folder on the disk. File systems that cannot say EINVAL.
private func synchronize(_ folder: String) throws(RecordError) {
  let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { throw RecordError(folder, errno) }
  defer { close(descriptor) }
  guard fsync(descriptor) == 0 || errno == EINVAL else { throw RecordError(folder, errno) }
}

extension RecordError {
  init(_ path: String, _ code: Int32) {
    let isMissing = code == ENOENT || code == ENOTDIR
    self.init(isMissing ? .notFound : .io, "\(path): \(String(cString: strerror(code)))")
  }
}
