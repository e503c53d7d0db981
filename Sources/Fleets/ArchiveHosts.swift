import Archives
import SystemIO

/// The hosts of a tar archive, as it is or packed by gzip: a file each, or a folder each whose files all tell of it. In
/// the order of the archive; what begins with a dot is left out.
///
/// The folder that all hosts lie in is found in a first pass over the headers. Memory: the texts of one host, and a number
/// for each host that is a folder.
final class ArchiveHosts: HostSource {
  private let path: String
  private let prefix: String
  private let root: Int
  private let source: ByteSource
  private let reader: TarReader
  private var hasEnded = false
  /// The host that is a folder of which files have been read.
  private var folder: Folder?
  /// What was found behind such a host.
  private var waiting: HostInput?
  /// The folders that are finished, by their hashes.
  private var finished: Set<Int> = []

  private struct Folder {
    var host: String
    var texts: [(name: String, bytes: [UInt8])] = []
    var bytes = 0
    var failure: String?
  }

  init(_ path: String, prefix: String) throws(SystemError) {
    self.path = path
    self.prefix = prefix
    root = try ArchiveRoot(of: path).depth
    source = try ByteSource(path)
    reader = TarReader(source)
  }

  var share: Double? { source.size > 0 ? Double(source.consumed) / Double(source.size) : nil }

  func next() throws(SystemError) -> HostInput? {
    if let waiting {
      self.waiting = nil
      return waiting
    }
    while !hasEnded {
      do throws(ArchiveError) {
        guard let member = try reader.next() else { break }
        if let input = try read(member) { return input }
      } catch {
        hasEnded = true
        if case .system(let error) = error { throw error }
        let host = folder?.host ?? path
        folder = nil
        return HostInput(host: host, content: .unreadable("\(error)"))
      }
    }
    hasEnded = true
    return finishFolder()
  }

  /// - Returns: a host that is whole with this member, or before it.
  private func read(_ member: TarMember) throws(ArchiveError) -> HostInput? {
    let parts = ArchiveRoot.parts(member.name).dropFirst(root)
    guard member.kind != .folder, let first = parts.first, !parts.contains(where: { $0.hasPrefix(".") })
    else {
      return nil
    }
    let host = prefix + first
    let name = parts.joined(separator: "/")
    if parts.count == 1 {
      return afterFolder(HostInput(host: host, content: try content(of: member).asHost(name)))
    }
    var before: HostInput?
    if folder?.host != host {
      before = finishFolder()
      folder = Folder(host: host)
      if finished.contains(host.hashValue) {
        folder?.failure = "its files do not stand together in the archive"
      }
    }
    try add(member, name: name)
    return before
  }

  /// Adds a file to the host that is a folder.
  private func add(_ member: TarMember, name: String) throws(ArchiveError) {
    guard var folder, folder.failure == nil else { return }
    self.folder = nil
    defer { self.folder = folder }
    // Links and devices beside files say nothing.
    guard member.kind == .file, member.size > 0 else { return }
    switch try content(of: member, limit: HostLimits.bytes - folder.bytes) {
    case .bytes(let bytes):
      folder.texts.append((name, bytes))
      folder.bytes += bytes.count
    case .unreadable(let message): folder.failure = message
    }
    if folder.texts.count > HostLimits.files { folder.failure = HostLimits.tooManyFiles }
  }

  private enum MemberContent {
    case bytes([UInt8])
    case unreadable(String)

    /// As the content of a host that is this one file.
    func asHost(_ name: String) -> HostInput.Content {
      switch self {
      case .bytes(let bytes): .texts([(name, bytes)])
      case .unreadable(let message): .unreadable(message)
      }
    }
  }

  private func content(
    of member: TarMember,
    limit: Int = HostLimits.bytes
  ) throws(ArchiveError) -> MemberContent {
    switch member.kind {
    case .file:
      return try reader.content(limit: limit).map { .bytes($0) } ?? .unreadable(HostLimits.tooManyBytes)
    case .link(let target): return .unreadable("a link to \(target), which an archive does not follow")
    case .folder, .other: return .unreadable("neither a file nor a folder")
    }
  }

  private func finishFolder() -> HostInput? {
    guard let folder else { return nil }
    self.folder = nil
    finished.insert(folder.host.hashValue)
    if let failure = folder.failure { return HostInput(host: folder.host, content: .unreadable(failure)) }
    guard !folder.texts.isEmpty else {
      return HostInput(host: folder.host, content: .unreadable("the folder has no file that says anything"))
    }
    return HostInput(
      host: folder.host,
      content: .texts(folder.texts.sorted { inByteOrder($0.name, $1.name) })
    )
  }

  /// A host that is a file, behind a folder that is whole now.
  private func afterFolder(_ input: HostInput) -> HostInput {
    guard let before = finishFolder() else { return input }
    waiting = input
    return before
  }
}

/// How deep in an archive its hosts lie: `tar -c logs` puts them all into `logs/`, `tar -c -C logs .` into `./`.
private struct ArchiveRoot {
  /// The folders around all of them.
  private(set) var depth = 0

  init(of path: String) throws(SystemError) {
    let reader = TarReader(try ByteSource(path))
    var common: [Substring]?
    do throws(ArchiveError) {
      while let member = try reader.next() {
        let parts = Self.parts(member.name)
        if member.kind == .folder {
          // An entry for `./` says what the folder is.
          if parts.isEmpty { return }
          continue
        }
        let folders = parts.dropLast()
        common = common.map { Array(zip($0, folders).prefix { $0 == $1 }.map(\.0)) } ?? Array(folders)
        if common?.isEmpty == true { break }
      }
    } catch {
      // The pass that reads the hosts says what is wrong.
    }
    depth = common?.count ?? 0
  }

  /// A name without `.` and empty parts.
  static func parts(_ name: String) -> [Substring] { name.split(separator: "/").filter { $0 != "." } }
}
