import SystemIO

/// Why an archive is read no further.
package enum ArchiveError: Error, Hashable, Sendable {
  case system(SystemError)
  /// The bytes are no gzip, or their checksum is wrong.
  case damagedGzip
  /// gzip unpacks to far more than any log does.
  case bomb
  /// The archive ends inside a member.
  case cut
  /// What stands where a header should.
  case noHeader
  /// A name, or what describes a member, is longer than any.
  case longName
}

extension ArchiveError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .system(let error): error.reason
    case .damagedGzip: "the gzip data is damaged: its bytes or its checksum are wrong"
    case .bomb: "the gzip data unpacks to over \(ByteSource.mostRatio) times its size, which no log does"
    case .cut: "the archive is cut off"
    case .noHeader: "the archive is damaged: no header of a member, or its checksum is wrong"
    case .longName: "the archive is damaged: a name is longer than any"
    }
  }
}
