/// A member of a tar archive.
package struct TarMember: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case file
    case folder
    /// A hard or symbolic link, to a name.
    case link(String)
    /// A device, a pipe, a sparse file: nothing that a log is.
    case other
  }

  /// As it stands in the archive, `./` and all; what is not UTF-8 in it replaced.
  package var name: String
  /// The bytes of its content.
  package var size: UInt64
  package var kind: Kind
}

/// Reads a tar archive member by member, in one pass: ustar and pax (POSIX.1), and GNU's long names and large numbers.
///
/// Memory: as the source, and a name of at most 64 KiB. Nothing is written anywhere, so no name can lead out of a folder.
package final class TarReader {
  private static let blockBytes = 512
  /// Linux's longest path has 4096; what describes a member may have more attributes.
  private static let longestDescription: UInt64 = 1 << 16

  private let source: ByteSource
  /// What is left of the content of the member that was returned last, and the rest of its last block.
  private var unread: UInt64 = 0
  private var padding: UInt64 = 0

  package init(_ source: ByteSource) { self.source = source }

  /// Whether bytes begin as an archive does.
  package static func isArchive(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.count >= blockBytes && TarHeader(UnsafeRawBufferPointer(rebasing: bytes[..<blockBytes])) != nil
  }

  /// Steps to the next member, past what was not read of the last one.
  ///
  /// - Returns: nil at the end, with or without the blocks of zeros that belong there.
  package func next() throws(ArchiveError) -> TarMember? {
    try source.take(unread + padding)
    (unread, padding) = (0, 0)
    var longName: String?
    var longLink: String?
    var longSize: UInt64?
    while let header = try header() {
      switch header.type {
      case UInt8(ascii: "L"): longName = text(try description(header.size))
      case UInt8(ascii: "K"): longLink = text(try description(header.size))
      case UInt8(ascii: "x"):
        let attributes = try PaxAttributes(description(header.size))
        longName = attributes.path ?? longName
        longLink = attributes.link ?? longLink
        longSize = attributes.size ?? longSize
      // What holds for all members that follow: comments and times, as git archive writes them.
      case UInt8(ascii: "g"): try source.take(header.size + Self.padding(header.size))
      default:
        let size = header.hasContent ? longSize ?? header.size : 0
        guard size < 1 << 62 else { throw .noHeader }
        (unread, padding) = (size, Self.padding(size))
        let kind: TarMember.Kind =
          switch header.type {
          case 0, UInt8(ascii: "0"), UInt8(ascii: "7"):
            // Before POSIX a folder was a file whose name ends so.
            (longName ?? header.name).hasSuffix("/") ? .folder : .file
          case UInt8(ascii: "5"): .folder
          case UInt8(ascii: "1"), UInt8(ascii: "2"): .link(longLink ?? header.link)
          default: .other
          }
        return TarMember(name: longName ?? header.name, size: size, kind: kind)
      }
    }
    return nil
  }

  /// The content of the member that was returned last.
  ///
  /// - Returns: nil where it has more than `limit` bytes.
  package func content(limit: Int) throws(ArchiveError) -> [UInt8]? {
    guard unread <= UInt64(limit) else { return nil }
    var bytes: [UInt8] = []
    // A header can say what it likes: room is made for what has come.
    bytes.reserveCapacity(Int(min(unread, 1 << 20)))
    try source.take(unread) { bytes += $0 }
    unread = 0
    return bytes
  }

  /// - Returns: nil at the end.
  private func header() throws(ArchiveError) -> TarHeader? {
    let block = try source.peek(Self.blockBytes)
    guard !block.isEmpty else { return nil }
    guard block.count == Self.blockBytes else { throw .cut }
    // One block of zeros is the end for GNU tar, too.
    guard block.contains(where: { $0 != 0 }) else { return nil }
    guard let header = TarHeader(block) else { throw .noHeader }
    try source.take(UInt64(Self.blockBytes))
    return header
  }

  private func description(_ size: UInt64) throws(ArchiveError) -> [UInt8] {
    guard size <= Self.longestDescription else { throw .longName }
    var bytes: [UInt8] = []
    try source.take(size) { bytes += $0 }
    try source.take(Self.padding(size))
    return bytes
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }

  private static func padding(_ size: UInt64) -> UInt64 { (0 &- size) % UInt64(blockBytes) }
}
