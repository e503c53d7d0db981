import BenchmarkKit
import Glibc
import SystemIO

/// The folder of all records: `results/DATE.N-MACHINE/`, one folder each.
///
/// A record appears whole or not at all. Its files are written into a folder whose name starts with `.tmp-`, which
/// takes its final name once everything is on the disk. While it is written it is locked; so what a killed process
/// left, and only that, can be told from what another process writes, and the next record removes it.
public struct RecordFolder: Sendable {
  public let path: String

  public init(_ path: String) { self.path = path }

  /// Finds out before a run whether its record can be kept: makes the folder, and a file in it. Both are removed again, the
  /// folder if it was not there, so that a run that comes to nothing leaves nothing.
  ///
  /// - Throws: `RecordError` where the system refuses.
  public func prepare() throws(RecordError) {
    do throws(SystemError) {
      let folders = try MadeFolders(path)
      defer { folders.removeEmpty() }
      StagedFolder.removeLeftovers(in: path)
      let temporary = try StagedFolder(in: path)
      defer { temporary.remove() }
      try temporary.write("", to: "probe")
    } catch {
      throw RecordError(.io, error.description)
    }
  }

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
    do throws(SystemError) {
      let folders = try MadeFolders(path)
      StagedFolder.removeLeftovers(in: path)
      let temporary = try StagedFolder(in: path)
      do throws(SystemError) {
        for file in files { try temporary.write(file.text, to: file.name) }
        try synchronize(folder: temporary.path)
        let final = try rename(temporary, day: day, machine: machine)
        try synchronize(folder: path)
        return final
      } catch {
        temporary.remove()
        folders.removeEmpty()
        throw error
      }
    } catch {
      throw RecordError(error)
    }
  }

  /// The folder of a record that is named: a path, or one of ``names()``, of which the front is enough where no other
  /// has the same.
  public func path(of record: String) throws(RecordError) -> String {
    guard access(record, F_OK) != 0 else { return record }
    let names = (try? names()) ?? []
    if names.contains(record) { return "\(path)/\(record)" }
    let matching = names.filter { $0.hasPrefix(record) }
    guard let only = matching.first else {
      throw RecordError(.notFound, "\(record): neither a folder nor a record in \(path)")
    }
    guard matching.count == 1 else {
      throw RecordError(
        .notFound,
        "\(record): \(matching.count) records in \(path) begin so, such as \(only)"
      )
    }
    return "\(path)/\(only)"
  }

  /// The names of the records, in the order of their days and numbers.
  ///
  /// - Throws: `RecordError` of kind `.notFound` where the folder cannot be read.
  public func names() throws(RecordError) -> [String] {
    let names = try recording { () throws(SystemError) in try namesInFolder(path) }
    return names.compactMap(RecordName.init).sorted().map(\.text)
  }

  /// Gives the temporary folder the first free number. Another recorder may take it meanwhile: then the next.
  private func rename(
    _ temporary: borrowing StagedFolder,
    day: String,
    machine: String
  ) throws(SystemError) -> String {
    let taken =
      try namesInFolder(path).compactMap(RecordName.init).filter { $0.day == day }.map(\.number).max() ?? 0
    for number in (taken + 1)... {
      let final = "\(path)/\(day).\(number)-\(machine)"
      // rename(2) puts a folder in the place of nothing or of an empty folder, never in that of a record.
      if Glibc.rename(temporary.path, final) == 0 { return final }
      guard [EEXIST, ENOTEMPTY, ENOTDIR].contains(errno) else { throw SystemError(.write, final) }
    }
    preconditionFailure("a folder has fewer records than there are numbers")
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

extension RecordError {
  init(_ error: SystemError) {
    let isMissing = error.code == ENOENT || error.code == ENOTDIR
    self.init(isMissing ? .notFound : .io, error.description)
  }
}

/// Does what the system may refuse, its refusal being the record's error.
func recording<Result>(_ body: () throws(SystemError) -> Result) throws(RecordError) -> Result {
  do throws(SystemError) { return try body() } catch { throw RecordError(error) }
}
