import SystemIO

/// What is there of a host.
struct HostInput {
  enum Content {
    /// Files, with the name that each has in messages; read by whoever works on the host.
    case files([(name: String, path: String)])
    /// Texts of an archive.
    case texts([(name: String, bytes: [UInt8])])
    /// A request of `advise --jsonl`.
    case request([UInt8])
    /// Why there is nothing to read.
    case unreadable(String)
  }

  var host: String
  var content: Content

  /// The bytes that are held.
  var byteCount: Int {
    switch content {
    case .files, .unreadable: 0
    case .texts(let texts): texts.reduce(0) { $0 + $1.bytes.count }
    case .request(let line): line.count
    }
  }
}

/// More than any host has to say. A folder or an archive with more is answered with an error.
enum HostLimits {
  /// Of all files together.
  static let bytes = 256 << 20
  static let files = 1024
  /// Folders in folders.
  static let depth = 16

  static let tooManyBytes = "over \(bytes >> 20) MiB, which no host has to say"
  static let tooManyFiles = "over \(files) files, which no host has"
}

/// Hosts, one after the other. Memory: one host's, and what the kind says.
protocol HostSource: AnyObject {
  /// - Returns: nil where there are no more.
  /// - Throws: `SystemError` where going on makes no sense.
  func next() throws(SystemError) -> HostInput?

  /// How much of the source has been read, 0 to 1; nil where its size is not known.
  var share: Double? { get }
}
