import Glibc
import MapReaders
import SystemIO

/// The hosts of a folder: a file each, or a folder each whose files all tell of it. By name; what begins with a dot is left
/// out.
///
/// Memory: the names in the folder, so that the order is the same on every file system.
final class FolderHosts: HostSource {
  private let path: String
  private let prefix: String
  private let names: [String]
  private var position = 0

  /// - Parameter prefix: what stands before the names of its hosts.
  init(_ path: String, prefix: String) throws(SystemError) {
    self.path = path
    self.prefix = prefix
    names = try namesInFolder(path).filter { !$0.hasPrefix(".") }.sorted(by: inByteOrder)
  }

  var share: Double? { Double(position) / Double(max(names.count, 1)) }

  func next() throws(SystemError) -> HostInput? {
    guard position < names.count else { return nil }
    defer { position += 1 }
    let name = names[position]
    let path = "\(path)/\(name)"
    return HostInput(host: prefix + name, content: Self.content(path, name: name))
  }

  /// What lies at a path.
  static func content(_ path: String, name: String) -> HostInput.Content {
    var status = stat()
    guard stat(path, &status) == 0 else { return .unreadable(String(cString: strerror(errno))) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .files([(name, path)])
    case S_IFDIR:
      var folder = HostFolder()
      do throws(HostFolder.Excess) {
        try folder.add(path, name: name)
      } catch {
        return .unreadable(error.message)
      }
      return folder.files.isEmpty
        ? .unreadable("the folder has no file that says anything")
        : .files(folder.files.sorted { inByteOrder($0.name, $1.name) })
    default: return .unreadable("neither a file nor a folder")
    }
  }
}

/// The order of names, the same everywhere.
func inByteOrder(_ one: String, _ other: String) -> Bool { one.utf8.lexicographicallyPrecedes(other.utf8) }

/// The files of one host.
private struct HostFolder {
  struct Excess: Error { var message: String }

  private(set) var files: [(name: String, path: String)] = []
  private var bytes = 0

  /// Adds the files of a folder and of the folders in it. Copies of folders of /sys count as one file; what is empty, or
  /// begins with a dot, is left out.
  mutating func add(_ folder: String, name: String, depth: Int = 1) throws(Excess) {
    // Links may lead round in circles.
    guard depth <= HostLimits.depth else {
      throw Excess(message: "over \(HostLimits.depth) folders lie in each other")
    }
    let names: [String]
    do throws(SystemError) { names = try namesInFolder(folder) } catch {
      throw Excess(message: error.description)
    }
    // The hosts of a fleet may be called by numbers, like folders of /sys: there what is in them tells.
    if depth > 1 ? isSysfsFolder(names: names) : isCopyOfSysfsFolder(folder) {
      return files.append((name, folder))
    }
    for entry in names where !entry.hasPrefix(".") {
      let (path, name) = ("\(folder)/\(entry)", "\(name)/\(entry)")
      var status = stat()
      guard stat(path, &status) == 0 else { continue }
      if status.st_mode & S_IFMT == S_IFDIR {
        try add(path, name: name, depth: depth + 1)
      } else if status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 {
        files.append((name, path))
        bytes += min(Int(status.st_size), HostLimits.bytes + 1)
      }
      guard files.count <= HostLimits.files else { throw Excess(message: HostLimits.tooManyFiles) }
      guard bytes <= HostLimits.bytes else { throw Excess(message: HostLimits.tooManyBytes) }
    }
  }
}
