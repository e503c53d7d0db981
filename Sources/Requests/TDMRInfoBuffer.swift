import ReusableMemory
import TDXMemory

/// TDMR_INFO entries that are built one after the other in reused memory.
///
/// - Invariant: every entry starts 512-byte aligned and takes the smallest multiple of 512 bytes that holds its
///   reserved areas; slots that it does not use are zero. 512 bytes hold 28 areas, more than the 16 that every
///   module so far takes.
package struct TDMRInfoBuffer: ~Copyable {
  private static let wordsPerUnit = TDMRInfo.alignment / MemoryLayout<UInt64>.size
  private static let headerWords = TDMRInfo.headerBytes / MemoryLayout<UInt64>.size

  private var words = ReusableBuffer<UInt64>(capacity: 64 * wordsPerUnit, alignment: TDMRInfo.alignment)
  /// Where each entry starts, in bytes, and where the last one ends.
  private var offsets = ReusableBuffer<Int>(capacity: 65)
  /// The most reserved areas that an entry has, and the first entry that has so many.
  private(set) var mostReserved = 0
  private(set) var indexOfMostReserved = 0

  package init() { offsets.append(0) }

  /// The finished entries.
  var count: Int { offsets.count - 1 }

  /// Valid until the buffer is next changed.
  package var view: TDMRInfoTable {
    TDMRInfoTable(
      bytes: UnsafeRawPointer(words.elements.baseAddress!),
      offsets: UnsafeBufferPointer(offsets.elements)
    )
  }

  package mutating func removeAll() {
    words.removeAll()
    offsets.removeAll(from: 1)
    mostReserved = 0
    indexOfMostReserved = 0
  }

  /// Starts an entry without reserved areas. Its header is filled in by `endEntry`.
  package mutating func beginEntry() {
    words.removeAll(from: start)
    words.append(0, times: Self.headerWords)
  }

  /// How many reserved areas the entry that is being built has.
  var reservedAreas: Int { (words.count - start - Self.headerWords) / 2 }

  package mutating func appendReservedArea(offset: UInt64, size: UInt64) {
    words.append(offset)
    words.append(size)
  }

  mutating func removeReservedAreas() {
    words.removeAll(from: start + Self.headerWords)
  }

  package mutating func endEntry(
    _ range: (UInt64, UInt64),
    page1G: (UInt64, UInt64),
    page2M: (UInt64, UInt64),
    page4K: (UInt64, UInt64)
  ) {
    set(range, at: 0)
    set(page1G, at: 2)
    set(page2M, at: 4)
    set(page4K, at: 6)
    if reservedAreas > mostReserved {
      mostReserved = reservedAreas
      indexOfMostReserved = count
    }
    let unused = (Self.wordsPerUnit - words.count % Self.wordsPerUnit) % Self.wordsPerUnit
    words.append(0, times: unused)
    offsets.append(words.count * MemoryLayout<UInt64>.size)
  }

  private mutating func set(_ pair: (UInt64, UInt64), at word: Int) {
    words[start + word] = pair.0
    words[start + word + 1] = pair.1
  }

  /// The first word of the entry that is being built.
  private var start: Int { offsets[count] / MemoryLayout<UInt64>.size }
}
