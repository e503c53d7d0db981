import Foundation
import TDXMemory

/// One flag per 4 KiB page of a small machine: the memory map that nobody can get wrong.
public struct PageFlags: Equatable {
  private var flags: [UInt8]

  /// No page of the first `bytes` has the flag.
  public init(bytes: UInt64) { flags = [UInt8](repeating: 0, count: Int(bytes / pageSize)) }

  public mutating func set(_ start: UInt64, _ end: UInt64, to flag: Bool) {
    let pages = Int(start / pageSize)..<Int(end / pageSize)
    flags.withUnsafeMutableBytes { bytes in
      _ = memset(bytes.baseAddress! + pages.lowerBound, flag ? 1 : 0, pages.count)
    }
  }

  /// Whether all pages have the flag, or all do not have it.
  public func all(_ start: UInt64, _ end: UInt64, are flag: Bool) -> Bool {
    flags.withUnsafeBytes { bytes in
      memchr(bytes.baseAddress! + Int(start / pageSize), flag ? 0 : 1, Int((end - start) / pageSize)) == nil
    }
  }

  /// Where the first page of a range is that has the flag; nil where none has.
  public func first(_ start: UInt64, _ end: UInt64) -> UInt64? {
    flags.withUnsafeBytes { bytes in
      let base = bytes.baseAddress!
      return memchr(base + Int(start / pageSize), 1, Int((end - start) / pageSize))
        .map { UInt64($0 - UnsafeMutableRawPointer(mutating: base)) * pageSize }
    }
  }

  /// Where the last page of a range ends that has the flag; nil where none has.
  public func lastEnd(_ start: UInt64, _ end: UInt64) -> UInt64? {
    // Piece by piece from the end, and in the piece that has the flag page by page.
    let piece: UInt64 = 4096 * pageSize
    var high = end
    while high > start {
      let low = max(start, high - min(high, piece))
      if first(low, high) != nil {
        while !self[high - pageSize] { high -= pageSize }
        return high
      }
      high = low
    }
    return nil
  }

  public subscript(address: UInt64) -> Bool { flags[Int(address / pageSize)] == 1 }

  public static func == (one: PageFlags, other: PageFlags) -> Bool {
    one.flags.count == other.flags.count
      && one.flags.withUnsafeBytes { one in
        other.flags.withUnsafeBytes { memcmp(one.baseAddress!, $0.baseAddress!, one.count) == 0 }
      }
  }
}
