import BenchmarkKit
import CLinuxCalls
import Glibc
import SystemIO

/// The folder of the baselines: a JSON file for each group of workloads.
///
/// An update replaces all files at once: it writes a folder beside this one and exchanges the two names, which is one step
/// of the file system. Who is killed leaves the old files or the new ones, and perhaps a folder `.tmp-…`, which the next
/// update or record removes.
public struct BaselineFolder: Sendable {
  public let path: String

  public init(_ path: String) { self.path = path }

  /// All baselines.
  ///
  /// - Throws: `RecordError`: `.notFound` where there is no folder or no file in it, `.badData` where a file does not say
  ///   what it should.
  public func load() throws(RecordError) -> Baselines {
    let names = try recording { () throws(SystemError) in try namesInFolder(path) }
    var all: Baselines?
    for name in names.filter(Self.isBaseline).sorted() {
      let file = "\(path)/\(name)"
      let group = try BaselineFile(file)
      guard let known = all else {
        all = Baselines(conditions: group.conditions, workloads: group.workloads)
        continue
      }
      guard group.conditions == known.conditions else {
        throw RecordError(.badData, "\(file): another toolchain or processor than in the files before it")
      }
      for name in group.workloads.keys where known.workloads[name] != nil {
        throw RecordError(.badData, "\(file): \(name) stands in a file before it, too")
      }
      all?.workloads.merge(group.workloads) { first, _ in first }
    }
    guard let all else { throw RecordError(.notFound, "\(path): has no baselines") }
    return all
  }

  /// Replaces all baselines. Other files in the folder stay.
  ///
  /// - Parameter group: the name of the file, without its ending, that a workload stands in.
  /// - Throws: `RecordError`; then the old files are there.
  public func write(_ baselines: Baselines, group: (String) -> String) throws(RecordError) {
    try prepare()
    // Names are exchanged, so a symbolic link would become the folder and the folder's name be lost.
    if let real = realpath(path, nil) {
      defer { free(real) }
      return try BaselineFolder(String(cString: real)).replace(baselines, group: group)
    }
    try replace(baselines, group: group)
  }

  /// Finds out before baselines are measured whether they can be written.
  ///
  /// - Throws: `RecordError` where something else than a folder has the name, or the system would refuse.
  public func prepare() throws(RecordError) {
    do throws(SystemError) {
      _ = try namesInFolder(path)
    } catch {
      guard error.code == ENOENT else { throw RecordError(.io, error.description) }
    }
    try recording { () throws(SystemError) in _ = try MadeFolders(folder(of: path)) }
    for folder in [folder(of: path), path] where access(folder, W_OK) != 0 && errno != ENOENT {
      throw RecordError(.io, SystemError(.write, folder).description)
    }
  }

  private func replace(_ baselines: Baselines, group: (String) -> String) throws(RecordError) {
    let parent = folder(of: path)
    StagedFolder.removeLeftovers(in: parent)
    let staged: StagedFolder
    do throws(SystemError) { staged = try StagedFolder(in: parent) } catch { throw RecordError(error) }
    do throws(RecordError) {
      let groups = Dictionary(grouping: baselines.workloads.keys) { group($0) }
      for (name, workloads) in groups.sorted(by: { $0.key < $1.key }) {
        let workloads = workloads.sorted().map { ($0, baselines.workloads[$0]!) }
        let text = BaselineFile.text(baselines.conditions, workloads)
        do throws(SystemError) { try staged.write(text, to: "\(name).json") } catch {
          throw RecordError(error)
        }
      }
      try carryOver(to: staged.path)
      do throws(SystemError) {
        try synchronize(folder: staged.path)
        try exchange(staged.path)
        try synchronize(folder: parent)
      } catch {
        throw RecordError(error)
      }
    } catch {
      staged.remove()
      throw error
    }
    // Under its name lies what was there before.
    staged.remove()
  }

  /// Puts what is no baseline into the new folder as well.
  private func carryOver(to staged: String) throws(RecordError) {
    for name in (try? namesInFolder(path)) ?? [] where !Self.isBaseline(name) {
      guard link("\(path)/\(name)", "\(staged)/\(name)") == 0 else {
        let reason = SystemError(.write).reason
        throw RecordError(.io, "\(path)/\(name): is in the way: \(reason)")
      }
    }
  }

  /// Exchanges the names of the staged folder and this one; where there is none yet, gives it this one's.
  private func exchange(_ staged: String) throws(SystemError) {
    if exchange_names(staged, path) == 0 { return }
    let code = errno
    if code == ENOENT, rename(staged, path) == 0 { return }
    // Where the file system cannot: file by file, each of them whole.
    guard [EINVAL, ENOSYS, EXDEV, EPERM].contains(code), let old = try? namesInFolder(path),
      let new = try? namesInFolder(staged)
    else { throw SystemError(.write, path, code: code) }
    for name in new {
      guard rename("\(staged)/\(name)", "\(path)/\(name)") == 0 else { throw SystemError(.write, path) }
    }
    for name in old where Self.isBaseline(name) && !new.contains(name) { unlink("\(path)/\(name)") }
  }

  private static func isBaseline(_ name: String) -> Bool { name.hasSuffix(".json") && !name.hasPrefix(".") }
}
