import Archives
import Foundation

/// Archives as they are written by hand, right or wrong.
struct Tar {
  private(set) var bytes: [UInt8] = []

  /// Adds a header, and content with its padding.
  ///
  /// - Parameters:
  ///   - size: what the header says, where that is not the content's.
  ///   - change: the last word on the header, before its checksum is worked out.
  mutating func add(
    _ name: String,
    _ content: [UInt8] = [],
    type: Character = "0",
    size: String? = nil,
    prefix: String = "",
    link: String = "",
    magic: String = "ustar\000",
    _ change: (inout [UInt8]) -> Void = { _ in }
  ) {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, _ offset: Int) {
      header.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
    }
    put(name, 0)
    put("0000644\0", 100)
    put(size ?? octal(content.count), 124)
    put("00000000000\0", 136)
    put(String(type), 156)
    put(link, 157)
    put(magic, 257)
    put(prefix, 345)
    change(&header)
    header.replaceSubrange(148..<156, with: [UInt8](repeating: 0x20, count: 8))
    let sum = header.reduce(0) { $0 + Int($1) }
    put(octal(sum, digits: 6) + "\0 ", 148)
    bytes += header + content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
  }

  mutating func end() { bytes += [UInt8](repeating: 0, count: 1024) }

  private func octal(_ number: Int, digits: Int = 11) -> String {
    let text = String(number, radix: 8)
    return String(repeating: "0", count: digits - text.count) + text
  }
}

/// A member with its content; nil where it is longer than asked for.
struct ReadMember: Equatable {
  var name: String
  var kind: TarMember.Kind
  var content: String?
}

/// What a reader makes of an archive, and why it ended early.
func members(of bytes: [UInt8], limit: Int = 1 << 20) throws -> (
  members: [ReadMember], failure: ArchiveError?
) {
  let path = NSTemporaryDirectory() + "tdxbench-tar-\(UUID().uuidString)"
  defer { unlink(path) }
  try Data(bytes).write(to: URL(fileURLWithPath: path))
  let reader = TarReader(try ByteSource(path))
  var members: [ReadMember] = []
  do throws(ArchiveError) {
    while let member = try reader.next() {
      let content = try reader.content(limit: limit)
      members.append(
        ReadMember(
          name: member.name,
          kind: member.kind,
          content: content.map { String(decoding: $0, as: UTF8.self) }
        )
      )
    }
  } catch {
    return (members, error)
  }
  return (members, nil)
}
