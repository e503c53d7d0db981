import Archives
import Glibc
import MapReaders
import SystemIO

/// The hosts of all inputs, one after the other.
final class FleetHosts {
  private let inputs: [String]
  private var next = 0
  private var current: (any HostSource)?

  /// - Throws: `SystemError` where one of them is not there.
  init(_ inputs: [String]) throws(SystemError) {
    self.inputs = inputs
    for input in inputs where input != "-" {
      guard !input.utf8.contains(0), access(input, F_OK) == 0 else {
        throw SystemError(.read, input, code: input.utf8.contains(0) ? ENOENT : errno)
      }
    }
  }

  /// How much has been read; nil where that cannot be known.
  var share: Double? {
    guard let current else { return Double(next) / Double(max(inputs.count, 1)) }
    return current.share.map { (Double(next - 1) + $0) / Double(inputs.count) }
  }

  func nextHost() throws(SystemError) -> HostInput? {
    while true {
      if let host = try current?.next() { return host }
      current = nil
      guard next < inputs.count else { return nil }
      defer { next += 1 }
      current = try source(of: inputs[next])
    }
  }

  /// By what the input is: a folder, an archive, a stream of requests, or else one host's file or copy of a folder of /sys.
  private func source(of input: String) throws(SystemError) -> any HostSource {
    let prefix = inputs.count > 1 ? input + "/" : ""
    if input == "-" { return try RequestHosts(input, prefix: inputs.count > 1 ? "-/" : "") }
    switch kind(of: input) {
    case S_IFDIR:
      return try isCopyOfSysfsFolder(input) ? OneHost(input) : FolderHosts(input, prefix: prefix)
    case S_IFREG:
      if [".jsonl", ".ndjson"].contains(where: input.hasSuffix) {
        return try RequestHosts(input, prefix: prefix)
      }
      return try isArchive(input) ? ArchiveHosts(input, prefix: prefix) : OneHost(input)
    case S_IFIFO, S_IFSOCK: return try RequestHosts(input, prefix: prefix)
    // A device may go on without end: no host.
    default: return OneHost(input)
    }
  }

  private func isArchive(_ input: String) throws(SystemError) -> Bool {
    if [".tar", ".tar.gz", ".tgz"].contains(where: input.hasSuffix) { return true }
    let source = try ByteSource(input)
    return ((try? source.peek(512)).map { TarReader.isArchive($0) }) ?? false
  }

  private func kind(of path: String) -> mode_t {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & S_IFMT : 0
  }
}

/// A file, or a copy of a folder of /sys, that tells of one host.
private final class OneHost: HostSource {
  private var input: HostInput?

  init(_ path: String) {
    input = HostInput(host: path, content: FolderHosts.content(path, name: path))
  }

  var share: Double? { input == nil ? 1 : 0 }

  func next() -> HostInput? {
    defer { input = nil }
    return input
  }
}
