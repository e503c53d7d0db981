import Glibc
import SystemIO

/// The hosts of a stream of requests of `advise --jsonl`: a line each, called by its `id`.
final class RequestHosts: HostSource {
  private let prefix: String
  private let descriptor: Int32
  private var reader: LineReader
  private let size: Int
  private var bytes = 0

  /// - Parameter path: `-` for standard input.
  init(_ path: String, prefix: String) throws(SystemError) {
    self.prefix = prefix
    descriptor = path == "-" ? STDIN_FILENO : try openForReading(path)
    reader = LineReader(descriptor, limit: HostLimits.bytes)
    var status = stat()
    size = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : 0
  }

  deinit { if descriptor != STDIN_FILENO { close(descriptor) } }

  var share: Double? { size > 0 ? min(1, Double(bytes) / Double(size)) : nil }

  func next() throws(SystemError) -> HostInput? {
    guard let line = try reader.next() else { return nil }
    let host = "\(prefix)line \(reader.number)"
    switch line {
    case .bytes(let text):
      bytes += text.count + 1
      return HostInput(host: host, content: .request(Array(text)))
    case .tooLong(let limit):
      bytes += limit
      return HostInput(host: host, content: .unreadable("the line is longer than \(limit) bytes"))
    }
  }
}
