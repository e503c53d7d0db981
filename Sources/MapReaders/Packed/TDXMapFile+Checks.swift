import SystemIO
import TDXMemory

extension TDXMapFile {
  /// The map over the regions of a file, if its checksum is right and they are what a map says of its own.
  ///
  /// - Parameters:
  ///   - storage: the regions of these bytes, or a copy of them.
  /// - Throws: for the checksum, if that is wrong: then what else is wrong follows from it.
  static func checkedMap(
    _ bytes: UnsafeRawBufferPointer,
    _ storage: RegionStorage,
    regions count: Int,
    file: String
  ) throws(InputError) -> MemoryMap {
    let header = UnsafeRawBufferPointer(rebasing: bytes[..<checksumOffset])
    let contents = UnsafeRawBufferPointer(rebasing: bytes[headerBytes...])
    var isOrdered = false
    let checksum: UInt64
    switch bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self) {
    case 1: checksum = firstMapChecksum(header: header, contents: contents)
    case 2: checksum = secondMapChecksum(header: header, contents: contents)
    default: (checksum, isOrdered) = sweep(contents, header: header, regions: count)
    }
    let stored = bytes.loadUnaligned(fromByteOffset: checksumOffset, as: UInt64.self)
    guard stored == checksum else {
      throw damaged(file, "its checksum is \(hex(stored)), its bytes have \(hex(checksum))")
    }
    return isOrdered ? MemoryMap(checked: storage) : try adopt(storage, file: file)
  }

  /// Works out the checksum and looks at the order of the regions, in one pass.
  ///
  /// - Returns: the checksum, and whether the regions are surely in order.
  private static func sweep(
    _ contents: UnsafeRawBufferPointer,
    header: UnsafeRawBufferPointer,
    regions count: Int
  ) -> (checksum: UInt64, isOrdered: Bool) {
    let stride = MemoryLayout<MemoryRegion>.stride
    let regionBytes = count * stride
    var checksum = MapChecksum()
    var order = RegionOrder()
    checksum.update(UnsafeRawBufferPointer(rebasing: contents[..<regionBytes]), checking: &order)
    // The last ones do not fill a pair of rows.
    for index in count / MapChecksum.regionsPerPair * MapChecksum.regionsPerPair..<count {
      order.add(contents.loadUnaligned(fromByteOffset: index * stride, as: MemoryRegion.self))
    }
    checksum.update(UnsafeRawBufferPointer(rebasing: contents[regionBytes...]))
    return (checksum.finalize(header: header), order.holds)
  }

  /// The checksum that a file must have, whatever it says, for those who make wrong ones.
  ///
  /// - Parameter header: up to the checksum.
  package static func checksum(header: UnsafeRawBufferPointer, contents: UnsafeRawBufferPointer) -> UInt64 {
    var checksum = MapChecksum()
    checksum.update(contents)
    return checksum.finalize(header: header)
  }

  /// Looks at each region, and names the first one at fault.
  private static func adopt(_ storage: RegionStorage, file: String) throws(InputError) -> MemoryMap {
    do {
      return try MemoryMap(adopting: storage)
    } catch {
      switch error {
      case .overlap: throw damaged(file, "its regions do not ascend: \(error)")
      case .notWholePages(let region):
        // The bounds may be in any order here, so they are no range.
        throw damaged(
          file,
          "a region from \(hex(region.start)) to \(hex(region.end)) is empty or not on 4 KiB borders"
        )
      }
    }
  }
}
