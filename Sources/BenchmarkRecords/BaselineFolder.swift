import BenchmarkKit
import CLinuxCalls
import Glibc

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
    guard let names = namesInFolder(path) else { throw RecordError(path, errno) }
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
    if namesInFolder(path) == nil, errno != ENOENT { throw RecordError(.io, "\(path): \(reason)") }
    try StagedFolder.makeFolders(Self.parent(of: path))
    for folder in [Self.parent(of: path), path] where access(folder, W_OK) != 0 && errno != ENOENT {
      throw RecordError(.io, "\(folder): \(reason)")
    }
  }

  private var reason: String { String(cString: strerror(errno)) }

  private func replace(_ baselines: Baselines, group: (String) -> String) throws(RecordError) {
    let parent = Self.parent(of: path)
    StagedFolder.removeLeftovers(in: parent)
    let staged = try StagedFolder(in: parent)
    do throws(RecordError) {
      let groups = Dictionary(grouping: baselines.workloads.keys) { group($0) }
      for (name, workloads) in groups.sorted(by: { $0.key < $1.key }) {
        let workloads = workloads.sorted().map { ($0, baselines.workloads[$0]!) }
        try staged.write(BaselineFile.text(baselines.conditions, workloads), to: "\(name).json")
      }
      try carryOver(to: staged.path)
      try synchronize(staged.path)
      try exchange(staged.path)
      try synchronize(parent)
    } catch {
      staged.remove()
      throw error
    }
    // Under its name lies what was there before.
    staged.remove()
  }

  /// Puts what is no baseline into the new folder as well.
  private func carryOver(to staged: String) throws(RecordError) {
    for name in namesInFolder(path) ?? [] where !Self.isBaseline(name) {
      guard link("\(path)/\(name)", "\(staged)/\(name)") == 0 else {
        throw RecordError(.io, "\(path)/\(name): is in the way: \(String(cString: strerror(errno)))")
      }
    }
  }

  /// Exchanges the names of the staged folder and this one; where there is none yet, gives it this one's.
  private func exchange(_ staged: String) throws(RecordError) {
    if exchange_names(staged, path) == 0 { return }
    let code = errno
    if code == ENOENT, rename(staged, path) == 0 { return }
    // Where the file system cannot: file by file, each of them whole.
    guard [EINVAL, ENOSYS, EXDEV, EPERM].contains(code), let old = namesInFolder(path),
      let new = namesInFolder(staged)
    else { throw RecordError(path, code) }
    for name in new {
      guard rename("\(staged)/\(name)", "\(path)/\(name)") == 0 else { throw RecordError(path, errno) }
    }
    for name in old where Self.isBaseline(name) && !new.contains(name) { unlink("\(path)/\(name)") }
  }

  private static func isBaseline(_ name: String) -> Bool { name.hasSuffix(".json") && !name.hasPrefix(".") }

  /// The folder that a path lies in.
  private static func parent(of path: String) -> String {
    let trimmed = path.reversed().drop { $0 == "/" }
    let parent = String(trimmed.drop { $0 != "/" }.reversed())
    return parent.isEmpty ? "." : parent
  }
}
