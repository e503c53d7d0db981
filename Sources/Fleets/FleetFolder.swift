import Answers
import Glibc
import JSON
import Questions
import SystemIO

/// The files of a fleet's answer: `hosts.jsonl` and `hosts.csv`, written host by host, `groups.csv` and `summary.json`.
///
/// They appear whole or not at all, `summary.json` last: where it is there, all of them are of one run. Who is interrupted
/// leaves nothing, not even a folder that was made for them; what a killed process leaves is a folder `.tmp-…` among them,
/// which the next run removes.
public final class FleetFolder {
  private let path: String
  private let folders: MadeFolders
  private let staged: StagedFolder
  private let json: StagedFile
  private let csv: StagedFile
  private var line = JSONWriter()

  /// - Parameter path: of the folder, which is made where it is not there.
  public init(_ path: String) throws(SystemError) {
    self.path = path
    folders = try MadeFolders(path)
    StagedFolder.removeLeftovers(in: path)
    staged = try StagedFolder(in: path)
    json = try staged.open("hosts.jsonl")
    csv = try staged.open("hosts.csv")
    try csv.write(HostRow.csvHead)
  }

  public func append(_ row: HostRow) throws(SystemError) {
    line.removeAll()
    line.appendRow(row)
    try json.write(line.bytes)
    try csv.write(row.csv)
  }

  /// Writes the sums, and gives all files their names.
  public func finish(_ summary: FleetSummary) throws(SystemError) {
    try json.finish()
    try csv.finish()
    try staged.write(summary.groupsCSV, to: "groups.csv")
    line.removeAll()
    line.appendFleetSummary(summary)
    try staged.write(String(decoding: line.bytes, as: UTF8.self), to: "summary.json")
    // An older one would speak for files that are no longer there.
    let last = "\(path)/summary.json"
    guard unlink(last) == 0 || errno == ENOENT else { throw SystemError(.write, last) }
    for name in ["hosts.jsonl", "hosts.csv", "groups.csv", "summary.json"] {
      let final = "\(path)/\(name)"
      guard rename("\(staged.path)/\(name)", final) == 0 else { throw SystemError(.write, final) }
    }
    staged.remove()
    try synchronize(folder: path)
  }

  /// Removes what was written so far, and the folder if it was made for it.
  public func abandon() {
    staged.remove()
    folders.removeEmpty()
  }
}
