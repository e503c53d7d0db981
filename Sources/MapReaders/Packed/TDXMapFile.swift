import SystemIO
import TDXMemory

#if canImport(Glibc)
  import Glibc
#endif

/// The packed binary map, `.tdxmap`, for maps of millions of regions: read into memory and used as it lies there.
///
/// All numbers are little endian. A header of 64 bytes:
///
/// | offset | bytes | what |
/// |---|---|---|
/// | 0 | 8 | `TDXMAP`, 0x1a, 0x0a |
/// | 8 | 4 | version, 3 |
/// | 12 | 4 | size of the header, 64 |
/// | 16 | 8 | number of regions |
/// | 24 | 8 | number of CMRs; 2^64 - 1: not known |
/// | 32 | 4 | key-id bits; 0: not known |
/// | 36 | 20 | reserved, 0 |
/// | 56 | 8 | `MapChecksum` of what follows the header, and of the header up to here |
///
/// Versions 1 and 2 differ in the checksum alone and are still read, in two passes (`EarlierMapChecksums.swift`).
///
/// Then the regions, 24 bytes each (`MemoryRegion`), then the CMRs, 16 bytes each (`AddressRange`).
public enum TDXMapFile {
  static let magic: [UInt8] = Array("TDXMAP".utf8) + [0x1a, 0x0a]
  static let version: UInt32 = 3
  static let headerBytes = 64
  static let checksumOffset = 56
  private static let regionBytes: UInt64 = 24
  private static let convertibleBytes: UInt64 = 16
  private static let unknownCount = UInt64.max

  /// The map, the CMRs and the key-id bits of a file.
  struct Contents {
    var map: MemoryMap
    var convertible: [AddressRange]?
    var keyIDBits: Int?
  }

  /// Whether bytes are such a file's, going by its first ones.
  public static func isRecognized(_ bytes: UnsafeRawBufferPointer) -> Bool { bytes.starts(with: magic) }

  // MARK: Writing

  public static func write(
    _ map: MemoryMap,
    convertible: [AddressRange]?,
    keyIDBits: Int?,
    to path: String
  ) throws(SystemError) {
    try AtomicFile.write(to: path) { (writer) throws(SystemError) in
      try write(map, convertible: convertible, keyIDBits: keyIDBits, to: &writer)
    }
  }

  public static func write(
    _ map: MemoryMap,
    convertible: [AddressRange]?,
    keyIDBits: Int?,
    to writer: inout FileWriter
  ) throws(SystemError) {
    try write(map, convertible: convertible, keyIDBits: keyIDBits) { (bytes) throws(SystemError) in
      try writer.write(bytes)
    }
  }

  /// The bytes of such a file.
  public static func bytes(
    _ map: MemoryMap,
    convertible: [AddressRange]?,
    keyIDBits: Int?
  ) -> [UInt8] {
    var all: [UInt8] = []
    write(map, convertible: convertible, keyIDBits: keyIDBits) { all += $0 }
    return all
  }

  /// Hands out the file piece by piece: header, regions, CMRs.
  private static func write<Failure: Error>(
    _ map: MemoryMap,
    convertible: [AddressRange]?,
    keyIDBits: Int?,
    to sink: (UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    let header = header(
      regions: map.count,
      convertible: convertible?.count,
      keyIDBits: keyIDBits ?? 0
    )
    try map.withRegions { (regions) throws(Failure) in
      try (convertible ?? []).withUnsafeBufferPointer { (convertible) throws(Failure) in
        let regions = UnsafeRawBufferPointer(regions)
        let convertible = UnsafeRawBufferPointer(convertible)
        var checksum = MapChecksum()
        checksum.update(regions)
        checksum.update(convertible)
        let whole = header + littleEndian(header.withUnsafeBytes { checksum.finalize(header: $0) })
        try whole.withRawBytes { (bytes) throws(Failure) in try sink(bytes) }
        try sink(regions)
        try sink(convertible)
      }
    }
  }

  /// The header up to the checksum.
  private static func header(regions: Int, convertible: Int?, keyIDBits: Int) -> [UInt8] {
    magic + littleEndian(version) + littleEndian(UInt32(headerBytes))
      + littleEndian(UInt64(regions)) + littleEndian(convertible.map { UInt64($0) } ?? unknownCount)
      + littleEndian(UInt32(clamping: keyIDBits)) + [UInt8](repeating: 0, count: checksumOffset - 36)
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  // MARK: Reading

  /// Checks the file and lends its regions to the map, without copying where they lie aligned.
  ///
  /// - Parameter owner: keeps the bytes alive; nil where nobody does, so they are copied.
  static func read(
    _ bytes: UnsafeRawBufferPointer,
    owner: InputBytes?,
    file: String
  ) throws(InputError) -> Contents {
    let counts = try checkHeader(bytes, file: file)
    guard let base = bytes.baseAddress else { throw damaged(file, "it is empty") }
    let convertibleBase = base + headerBytes + counts.regions * Int(regionBytes)
    let convertible = counts.convertible.map { count in
      (0..<count).map { index in
        (
          start: convertibleBase.loadUnaligned(fromByteOffset: index * 16, as: UInt64.self),
          end: convertibleBase.loadUnaligned(fromByteOffset: index * 16 + 8, as: UInt64.self)
        )
      }
    }
    let keyIDBits = bytes.loadUnaligned(fromByteOffset: 32, as: UInt32.self)
    let storage = regionStorage(base + headerBytes, counts.regions, owner: owner)
    return Contents(
      map: try checkedMap(bytes, storage, regions: counts.regions, file: file),
      convertible: try convertible.map { (bounds) throws(InputError) in
        try checkConvertible(bounds, file: file)
      },
      keyIDBits: keyIDBits == 0 ? nil : Int(keyIDBits)
    )
  }

  private static func checkHeader(
    _ bytes: UnsafeRawBufferPointer,
    file: String
  ) throws(InputError) -> (regions: Int, convertible: Int?) {
    guard bytes.starts(with: magic) else { throw damaged(file, "it does not begin with TDXMAP") }
    guard bytes.count >= headerBytes else {
      throw damaged(file, "it ends within the header: \(bytes.count) of \(headerBytes) bytes")
    }
    let version = bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self)
    guard 1...Self.version ~= version else {
      throw damaged(file, "its version is \(version); this program reads versions 1 to \(Self.version)")
    }
    let size = bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self)
    guard size == headerBytes else {
      throw damaged(file, "its header says that it has \(size) bytes, not 64")
    }
    guard bytes[36..<checksumOffset].allSatisfy({ $0 == 0 }) else {
      throw damaged(file, "reserved bytes of its header are not 0")
    }
    let regions = bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
    let convertible = bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
    let convertibleCount = convertible == unknownCount ? 0 : convertible
    // Saturated, the sum is no size that a file can have.
    let expected = regions.multipliedSaturated(by: regionBytes)
      .addingSaturated(convertibleCount.multipliedSaturated(by: convertibleBytes))
      .addingSaturated(UInt64(headerBytes))
    guard expected == UInt64(bytes.count) else {
      throw damaged(
        file,
        "\(regions) regions and \(convertibleCount) CMRs are \(expected == .max ? "too many" : "\(expected) bytes"), the file has \(bytes.count)"
      )
    }
    let keyIDBits = bytes.loadUnaligned(fromByteOffset: 32, as: UInt32.self)
    guard keyIDBits <= UInt32(maxAddressBits) else {
      throw damaged(file, "\(keyIDBits) key-id bits do not fit an address")
    }
    // Both are below the size of the file.
    return (Int(regions), convertible == unknownCount ? nil : Int(convertible))
  }

  /// The regions as they lie there; copied where they do not lie aligned, or nobody keeps them alive.
  private static func regionStorage(
    _ base: UnsafeRawPointer,
    _ count: Int,
    owner: InputBytes?
  ) -> RegionStorage {
    let isAligned = UInt(bitPattern: base).isMultiple(of: UInt(MemoryLayout<MemoryRegion>.alignment))
    if let owner, isAligned {
      // The map never writes to regions that it has adopted.
      let regions = UnsafeMutableRawPointer(mutating: base).assumingMemoryBound(to: MemoryRegion.self)
      return RegionStorage(adopting: regions, count: count) { withExtendedLifetime(owner) {} }
    }
    let copy = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * Int(regionBytes), alignment: 8)
    copy.copyMemory(from: base, byteCount: count * Int(regionBytes))
    let regions = copy.assumingMemoryBound(to: MemoryRegion.self)
    return RegionStorage(adopting: regions, count: count) { copy.deallocate() }
  }

  private static func checkConvertible(
    _ bounds: [(start: UInt64, end: UInt64)],
    file: String
  ) throws(InputError) -> [AddressRange] {
    var ranges: [AddressRange] = []
    ranges.reserveCapacity(bounds.count)
    for (start, end) in bounds {
      guard start < end, start >= ranges.last?.end ?? 0 else {
        throw damaged(file, "the CMR from \(hex(start)) to \(hex(end)) is empty or does not ascend")
      }
      ranges.append(AddressRange(unchecked: start, end))
    }
    return ranges
  }

  static func damaged(_ file: String, _ reason: String) -> InputError {
    InputError(kind: .badData, file: file, message: "not a .tdxmap that can be used: \(reason)")
  }
}
