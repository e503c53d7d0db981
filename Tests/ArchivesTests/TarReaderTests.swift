import Archives
import Foundation
import Pastings
import RandomNumbers
import Testing

import struct TestSupport.Mutator

@Suite struct TarReaderTests {
  private static let long = String(repeating: "folder/", count: 30) + "file"

  /// Names of every kind. Expect each as it was meant, and its content.
  @Test func readsEveryKindOfName() throws {
    var tar = Tar()
    tar.add("./", type: "5")
    tar.add("./plain.log", Array("one".utf8))
    tar.add("name", Array("two".utf8), prefix: "some/folder")
    // The field behind GNU's magic is something else.
    tar.add("gnu", Array("three".utf8), prefix: "no prefix", magic: "ustar  \0")
    tar.add("././@LongLink", Array((Self.long + "\0").utf8), type: "L")
    tar.add("short", Array("four".utf8))
    tar.add("pax", Array("14 comment=ab\n".utf8) + pax("path", Self.long + "é"), type: "x")
    tar.add("short", Array("five".utf8))
    tar.add("pax_global_header", pax("comment", "0123"), type: "g")
    tar.add("link", type: "2", link: "plain.log")
    tar.add("././@LongLink", Array(Self.long.utf8), type: "K")
    tar.add("hard", type: "1", link: "cut")
    tar.add("device", type: "3", size: "00000001000\0")
    // Before POSIX.
    tar.add("old", Array("six".utf8), magic: "") { $0[156] = 0 }
    tar.add("oldfolder/", magic: "") { $0[156] = 0 }
    tar.end()
    tar.add("behind the end", Array("x".utf8))
    let read = try members(of: tar.bytes)
    #expect(read.failure == nil)
    #expect(
      read.members == [
        ReadMember(name: "./", kind: .folder, content: ""),
        ReadMember(name: "./plain.log", kind: .file, content: "one"),
        ReadMember(name: "some/folder/name", kind: .file, content: "two"),
        ReadMember(name: "gnu", kind: .file, content: "three"),
        ReadMember(name: Self.long, kind: .file, content: "four"),
        ReadMember(name: Self.long + "é", kind: .file, content: "five"),
        ReadMember(name: "link", kind: .link("plain.log"), content: ""),
        ReadMember(name: "hard", kind: .link(Self.long), content: ""),
        ReadMember(name: "device", kind: .other, content: ""),
        ReadMember(name: "old", kind: .file, content: "six"),
        ReadMember(name: "oldfolder/", kind: .folder, content: ""),
      ]
    )
  }

  /// Sizes in GNU's binary form and in a pax header. Expect them to count.
  @Test func readsLargeNumbers() throws {
    var tar = Tar()
    tar.add("binary", Array("abc".utf8)) {
      $0.replaceSubrange(124..<136, with: [0x80] + [UInt8](repeating: 0, count: 10) + [3])
    }
    tar.add("pax", pax("size", "3"), type: "x")
    tar.add("attributes", Array("def".utf8), size: "00000000000\0")
    tar.end()
    let read = try members(of: tar.bytes)
    #expect(read.members.map(\.content) == ["abc", "def"] && read.failure == nil)
  }

  /// Members longer than what is asked for. Expect to pass over them.
  @Test func passesOverWhatIsTooLong() throws {
    var tar = Tar()
    tar.add("long", [UInt8](repeating: 1, count: 5000))
    tar.add("short", Array("x".utf8))
    let read = try members(of: tar.bytes, limit: 4999)
    #expect(read.members.map(\.content) == [nil, "x"] && read.failure == nil)
  }

  /// Headers that say what cannot be. Expect an error, and no memory taken for what does not come.
  @Test func refusesWhatIsNoHeader() throws {
    let cases: [(String, ArchiveError, (inout Tar) -> Void)] = [
      ("a size that never comes", .cut, { $0.add("a", size: "77777777777\0") }),
      (
        "2^62 bytes", .noHeader,
        {
          $0.add("a") {
            $0.replaceSubrange(124..<136, with: [0x80, 0, 0, 0, 0x40] + [UInt8](repeating: 0, count: 7))
          }
        }
      ),
      (
        "a negative size", .noHeader,
        { $0.add("a") { $0.replaceSubrange(124..<136, with: [UInt8](repeating: 0xff, count: 12)) } }
      ),
      ("a size of letters", .noHeader, { $0.add("a", size: "12x") }),
      (
        "a long name that is longer than any", .longName,
        {
          $0.add("a", size: "00000200001\0")
          $0.add("b", type: "L", size: "00000200001\0")
        }
      ),
      ("a pax record without an end", .noHeader, { $0.add("a", Array("99 path=x\n".utf8), type: "x") }),
      (
        "a pax record with a length that is none", .noHeader,
        { $0.add("a", Array("-1 path=x\n".utf8), type: "x") }
      ),
      ("a pax record of length 0", .noHeader, { $0.add("a", Array("0 path=x\n".utf8), type: "x") }),
      (
        "a pax size above all", .noHeader,
        { $0.add("a", [UInt8]("30 size=99999999999999999999999\n".utf8), type: "x") }
      ),
    ]
    for (name, error, add) in cases {
      var tar = Tar()
      tar.add("first", Array("x".utf8))
      add(&tar)
      if name.contains("longer") {
        tar = Tar()
        tar.add("first", Array("x".utf8))
        tar.add("b", type: "L", size: "00000200001\0")
      }
      let read = try members(of: tar.bytes)
      #expect(read.failure == error, "\(name)")
      #expect(read.members.first?.content == "x", "\(name)")
    }
    var tar = Tar()
    tar.add("a", Array("x".utf8))
    var bytes = tar.bytes
    bytes[3] ^= 1
    #expect(try members(of: bytes).failure == .noHeader)
  }

  /// Checksums as GNU writes large numbers: the first bit set, the rest binary. Expect that all 64 bits are no checksum.
  @Test(arguments: [0xff, 0x80, 0x7f, 0] as [UInt8]) func checksumsOf64Bits(highest: UInt8) throws {
    var tar = Tar()
    tar.add("a", Array("x".utf8))
    var bytes = tar.bytes
    bytes.replaceSubrange(148..<156, with: [0x80] + [UInt8](repeating: highest, count: 7))
    #expect(try members(of: bytes).failure == .noHeader)
  }

  /// An archive cut at every place, as it is and packed. Expect what came before the cut, and no crash.
  @Test func cutAnywhere() throws {
    var tar = Tar()
    for number in 0..<3 { tar.add("\(number).log", [UInt8](repeating: 65, count: 300 * number + 1)) }
    tar.end()
    for end in stride(from: 0, to: tar.bytes.count, by: 97) {
      let read = try members(of: Array(tar.bytes[..<end]))
      #expect(read.members.count <= 3 && (read.failure == nil || read.failure == .cut), "\(end)")
    }
    let packed = Pasting.gzip.apply(to: tar.bytes)
    #expect(try members(of: packed).members.count == 3)
    for end in stride(from: 2, to: packed.count, by: 7) {
      let read = try members(of: Array(packed[..<end]))
      // Behind the archive's own end nothing is missed.
      #expect(read.failure == .cut || read.members.count == 3, "\(end)")
    }
  }

  /// Spoiled archives, as they are and packed. Expect an end of some kind.
  @Test(arguments: 1...4 as ClosedRange<UInt64>) func spoiled(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var tar = Tar()
    tar.add("pax", pax("path", Self.long), type: "x")
    for number in 0..<4 { tar.add("\(number).log", Array("log \(number)\n".utf8)) }
    tar.add("././@LongLink", Array(Self.long.utf8), type: "L")
    tar.add("last", Array("x".utf8))
    tar.end()
    for bytes in [tar.bytes, Pasting.gzip.apply(to: tar.bytes)] {
      let mutator = Mutator(bytes)
      for _ in 0..<200 { _ = try members(of: mutator.mutated(using: &random)) }
    }
  }

  /// A gzip file of a few MB that would unpack to gigabytes of zeros in one member. Expect an end.
  @Test func refusesBombs() throws {
    var tar = Tar()
    tar.add("zeros", size: "77777777777\0")
    // gzip members may follow each other: each holds 16 MiB of zeros.
    let zeros = Pasting.gzip.apply(to: [UInt8](repeating: 0, count: 16 << 20))
    var bytes = Pasting.gzip.apply(to: tar.bytes)
    for _ in 0..<80 { bytes += zeros }
    #expect(try members(of: bytes).failure == .bomb)
  }

  private func pax(_ name: String, _ value: String) -> [UInt8] {
    let record = " \(name)=\(value)\n"
    var length = record.utf8.count
    while String(length).utf8.count + record.utf8.count != length { length += 1 }
    return Array("\(length)\(record)".utf8)
  }
}
