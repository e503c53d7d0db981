import RandomNumbers
import SystemIO
import TDXMemory
import Testing

@testable import MapReaders

#if canImport(Glibc)
  import Glibc
#endif

/// Maps that tdxbench writes itself, and how files are written.
struct MapFileTests {
  private let map = try! MemoryMap([
    region(0x1000, 0xa_0000), region(0x10_0000, 0x8000_0000, node: 1, [.hotplug, .noMap]),
    region(0x8000_0000, 0x1_0000_0000, node: 1), region(1 << 52, 0xffff_ffff_ffff_f000, node: 4_294_967_295),
  ])
  private let convertible = [range(0x10_0000, 0x9000_0000), range(1 << 52, 0xffff_ffff_ffff_ffff)]

  // MARK: Text

  @Test func textRoundTrip() throws {
    let machine = try read(MemblockText.text(of: map, convertible: convertible))
    #expect(machine.map == map)
    #expect(machine.convertible == convertible)
    #expect(machine.source == .memblock)
    #expect(try read(MemblockText.text(of: map, convertible: nil)).convertible == nil)
  }

  @Test func textIsTheDebugfsFormat() throws {
    let map = try MemoryMap([
      region(0x1000, 0xa_0000), region(0x10_0000, 0x20_0000, node: 3, [.hotplug, .mirror]),
    ])
    #expect(
      MemblockText.text(of: map, convertible: [range(0x10_0000, 0x20_0000)]) == """
           0: 0x0000000000001000..0x000000000009ffff    0 NONE
           1: 0x0000000000100000..0x00000000001fffff    3 HOTPLUG|MIRROR
        CMR: [0x100000, 0x200000)

        """
    )
  }

  // MARK: Packed

  private func packed(convertible: [AddressRange]?, keyIDBits: Int? = 6) -> [UInt8] {
    TDXMapFile.bytes(map, convertible: convertible, keyIDBits: keyIDBits)
  }

  private func readPacked(_ bytes: [UInt8]) throws(InputError) -> Machine {
    try readMachine(texts: [("map.tdxmap", bytes)])
  }

  @Test func packedRoundTrip() throws {
    for convertible in [nil, [], convertible] {
      let machine = try readPacked(packed(convertible: convertible))
      #expect(machine.map == map)
      #expect(machine.convertible == convertible)
      #expect(machine.keyIDBits == 6)
      #expect(machine.source == .tdxmap)
    }
    #expect(try readPacked(packed(convertible: nil, keyIDBits: nil)).keyIDBits == nil)
  }

  @Test func packedFileIsMapped() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/a.tdxmap"
    try TDXMapFile.write(map, convertible: convertible, keyIDBits: 6, to: path)
    let machine = try readMachine([.file(path)])
    // Expect the map to outlive the file's name.
    unlink(path)
    #expect(machine.map == map)
    #expect(machine.convertible == convertible)
  }

  @Test func damageIsNoticed() throws {
    let bytes = packed(convertible: convertible)
    for index in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[index] ^= 1 << bit
        #expect(throws: InputError.self, "byte \(index), bit \(bit)") { try readPacked(damaged) }
      }
    }
    for length in bytes.indices {
      #expect(throws: InputError.self, "\(length) bytes") { try readPacked(Array(bytes[..<length])) }
    }
    #expect(throws: InputError.self) { try readPacked(bytes + [0]) }
  }

  /// Expect each kind of damage to be told apart.
  @Test(arguments: [
    (0, [0x54 as UInt8 ^ 1], "begin with TDXMAP"), (8, [4], "version is 4"), (12, [72], "header"),
    (40, [1], "reserved"), (16, [UInt8](repeating: 0xff, count: 8), "too many"),
    (16, [0, 0, 0, 0, 0, 0, 0, 0x10], "too many"), (16, [5], "the file has"), (64, [1], "checksum"),
    (56, [0, 0], "checksum"),
  ])
  func reasons(offset: Int, change: [UInt8], reason: String) throws {
    var bytes = packed(convertible: convertible)
    bytes.replaceSubrange(offset..<offset + change.count, with: change)
    let error = #expect(throws: InputError.self) { try readPacked(bytes) }
    #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
  }

  /// A file with a right checksum and wrong contents.
  @Test(arguments: [
    (64, UInt64(0x1001), "4 KiB borders"), (72, 0x1000, "4 KiB borders"), (88, 0x1000, "do not ascend"),
    (168, 0x10_0000, "CMR"), (176, 0x20_0000, "CMR"), (160, UInt64.max, "CMR"), (32, 64, "key-id bits"),
  ])
  func wrongContents(offset: Int, value: UInt64, reason: String) throws {
    var bytes = packed(convertible: convertible)
    bytes.withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: offset, as: UInt64.self) }
    let checksum = checksum(Array(bytes[64...]), header: Array(bytes[..<56]))
    bytes.withUnsafeMutableBytes { $0.storeBytes(of: checksum, toByteOffset: 56, as: UInt64.self) }
    let error = #expect(throws: InputError.self) { try readPacked(bytes) }
    #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
  }

  /// Files of earlier versions have other checksums and are read all the same. These were worked out by another program.
  @Test(arguments: [
    (1 as UInt8, 0xffcf_fdf4_bf31_4dba as UInt64), (2, 0xf9cf_f155_6d1a_35a5), (3, 0x47f7_570d_a26f_ca8f),
  ])
  func eachVersionIsRead(version: UInt8, checksum: UInt64) throws {
    var bytes = packed(convertible: convertible)
    bytes[8] = version
    bytes.withUnsafeMutableBytes { $0.storeBytes(of: checksum, toByteOffset: 56, as: UInt64.self) }
    let machine = try readPacked(bytes)
    #expect(machine.map == map)
    #expect(machine.convertible == convertible)
    bytes[70] ^= 1
    #expect(throws: InputError.self) { try readPacked(bytes) }
  }

  /// Regions that are swept by fours and by blocks: expect the first one at fault to be named wherever it lies, and those
  /// behind the last four and behind a block to be looked at too.
  @Test(arguments: [1, 3, 4, 5, 2047, 2048, 2049, 2053]) func regionsAtFault(count: Int) throws {
    let regions = (0..<UInt64(count)).map { region($0 << 20, $0 << 20 + 0x8_0000) }
    let bytes = TDXMapFile.bytes(try MemoryMap(regions), convertible: convertible, keyIDBits: nil)
    #expect(try readPacked(bytes).map.elementsEqual(regions))
    for index in Set([0, 1, 2, 3, 2047, 2048, count - 2, count - 1]) where regions.indices.contains(index) {
      let offset = 64 + 24 * index
      for (place, value, reason) in [
        (offset, regions[index].end, "4 KiB borders"), (offset, regions[index].start + 1, "4 KiB borders"),
        (offset + 8, regions[index].start, "4 KiB borders"), (offset, 0, "do not ascend"),
        (offset + 8, UInt64.max, "4 KiB borders"),
      ] where index > 0 || value > 0 {
        var wrong = bytes
        wrong.withUnsafeMutableBytes { wrong in
          wrong.storeBytes(of: value, toByteOffset: place, as: UInt64.self)
          let sum = checksum(Array(wrong[64...]), header: Array(wrong[..<56]))
          wrong.storeBytes(of: sum, toByteOffset: 56, as: UInt64.self)
        }
        let error = #expect(throws: InputError.self) { try readPacked(wrong) }
        #expect(error?.message.contains(reason) == true, "region \(index): \(error?.message ?? "")")
      }
    }
  }

  // MARK: The checksum

  private func checksum(_ bytes: [UInt8], header: [UInt8] = []) -> UInt64 {
    var checksum = MapChecksum()
    bytes.withUnsafeBytes { checksum.update($0) }
    return header.withUnsafeBytes { checksum.finalize(header: $0) }
  }

  @Test func checksumInPieces() {
    let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    for first in 0...bytes.count {
      for second in stride(from: first, through: bytes.count, by: 7) {
        var pieces = MapChecksum()
        bytes.withUnsafeBytes { bytes in
          for piece in [bytes[..<first], bytes[first..<second], bytes[second...]] {
            pieces.update(UnsafeRawBufferPointer(rebasing: piece))
          }
        }
        let whole = [UInt8]().withUnsafeBytes { pieces.finalize(header: $0) }
        #expect(whole == checksum(bytes), "split at \(first) and \(second)")
      }
    }
  }

  /// Damage that a plain sum does not see: expect another checksum for words, rows and pages that change places.
  @Test func checksumKnowsPlaces() {
    var random = SplitMix64(seed: 3)
    let bytes = (0..<60_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    let whole = checksum(bytes)
    for (piece, distances) in [
      (8, [8, 48, 96, 4800, 49152]), (48, [48, 4800, 49152]), (4800, [4800, 49152]),
    ] {
      for distance in distances {
        var moved = bytes
        for index in 0..<piece { moved.swapAt(index, index + distance) }
        #expect(checksum(moved) != whole, "\(piece) bytes by \(distance)")
      }
    }
  }

  /// Expect any two flipped bits to be noticed, the worst of them too: the same bit of one column, rows apart.
  @Test(arguments: [0, 1, 2, 3]) func checksumNoticesTwoFlips(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let rows = 600
    // Zeros and small numbers are what maps are made of, and where changes cancel most easily.
    let bytes = (0..<rows * MapChecksum.rowBytes).map { index in
      seed == 0 ? 0 : UInt8.random(in: 0...(index % 8 < Int(2 * seed) ? 255 : 0), using: &random)
    }
    let whole = checksum(bytes)
    func expectNoticed(_ flips: (byte: Int, bit: Int)...) {
      var damaged = bytes
      for flip in flips { damaged[flip.byte] ^= 1 << flip.bit }
      #expect(checksum(damaged) != whole, "\(flips)")
    }
    for distance in 1..<rows / 2 {
      let row = Int.random(in: 0..<rows - distance, using: &random)
      for (byte, bit) in [(7, 7), (3, 7), (0, 0), (7, Int.random(in: 0..<8, using: &random))] {
        let first = row * MapChecksum.rowBytes + 8 * Int.random(in: 0..<6, using: &random) + byte
        expectNoticed((first, bit), (first + distance * MapChecksum.rowBytes, bit))
      }
    }
    for _ in 0..<300 {
      let places = (0..<2).map { _ in Int.random(in: 0..<8 * bytes.count, using: &random) }
      if places[0] == places[1] { continue }
      expectNoticed((places[0] / 8, places[0] % 8), (places[1] / 8, places[1] % 8))
    }
  }

  // MARK: XXH64

  @Test(arguments: [
    ("", 0xef46_db37_51d8_e999 as UInt64), ("a", 0xd24e_c4f1_a98c_6e5b), ("abc", 0x44bc_2cf5_ad77_0999),
    ("Nobody inspects the spammish repetition", 0xfbce_a83c_8a37_8bf1),
  ])
  func xxh64(text: String, expected: UInt64) {
    #expect(Array(text.utf8).withUnsafeBytes { XXH64.hash($0) } == expected)
  }

  @Test func xxh64InPieces() {
    let bytes = (0..<200).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    let whole = bytes.withUnsafeBytes { XXH64.hash($0) }
    for first in 0...bytes.count {
      for second in stride(from: first, through: bytes.count, by: 7) {
        var hasher = XXH64()
        bytes.withUnsafeBytes { bytes in
          for piece in [bytes[..<first], bytes[first..<second], bytes[second...]] {
            hasher.update(UnsafeRawBufferPointer(rebasing: piece))
          }
        }
        #expect(hasher.finalize() == whole, "split at \(first) and \(second)")
      }
    }
  }

  // MARK: What the system refuses

  @Test func failuresToWrite() throws {
    let directory = try TemporaryDirectory()
    #expect(failure(directory.path + "/missing/out")?.exitCode == 66)
    #expect(failure(directory.path)?.exitCode == 74)
    #expect(failure("/dev/full")?.exitCode == 74)
    #expect(failure("/dev/full")?.message == "No space left on device")
    #expect(failure("/dev/null") == nil)
  }

  private func failure(_ path: String) -> InputError? {
    do throws(SystemError) {
      try AtomicFile.write("text", to: path)
      return nil
    } catch {
      return InputError(error)
    }
  }
}
