import CZlib
import Glibc
import SystemIO

/// The bytes of a file, one piece after the other: as they are, or what gzip (RFC 1952) packed, any number of members.
///
/// Memory: two buffers of 64 KiB and what zlib takes, whatever the file holds.
package final class ByteSource {
  /// More than this times its size, beyond a GiB, nothing unpacks to that is worth reading: logs come to 10 or 20 times,
  /// and deflate ends at 1032.
  static let mostRatio: UInt64 = 200
  private static let ratioStarts: UInt64 = 1 << 30
  private static let bufferBytes = 1 << 16

  package let isPacked: Bool
  /// The bytes of the file, 0 where that is not known; and how many of them have been read.
  package let size: UInt64
  package private(set) var consumed: UInt64 = 0

  private let descriptor: Int32
  private let path: String
  /// What was read of the file and not unpacked yet.
  private let packed = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferBytes, alignment: 16)
  /// What can be taken: from `start` to `end`.
  private let ready = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferBytes, alignment: 16)
  private var start = 0
  private var end = 0
  private var stream = z_stream()
  private var made: UInt64 = 0
  private var isInsideMember = false

  /// Opens a file that is no folder.
  package init(_ path: String) throws(SystemError) {
    self.path = path
    descriptor = try openForReading(path)
    var status = stat()
    size = fstat(descriptor, &status) == 0 ? UInt64(max(0, status.st_size)) : 0
    var magic: [UInt8] = [0, 0]
    isPacked = pread(descriptor, &magic, 2, 0) == 2 && magic == [0x1f, 0x8b]
    // 16: a header of gzip, and its checksum.
    if isPacked {
      let status = inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
      guard status == Z_OK else {
        close(descriptor)
        throw SystemError(.read, path, code: ENOMEM)
      }
      isInsideMember = true
    }
  }

  deinit {
    if isPacked { inflateEnd(&stream) }
    close(descriptor)
    packed.deallocate()
    ready.deallocate()
  }

  /// The next bytes, without taking them: `count`, at most 64 KiB, or fewer where no more come.
  ///
  /// - Returns: valid until the next call.
  package func peek(_ count: Int) throws(ArchiveError) -> UnsafeRawBufferPointer {
    precondition(count <= ready.count, "a piece fits into the buffer")
    if end - start < count, start > 0 {
      ready.copyMemory(from: UnsafeRawBufferPointer(rebasing: ready[start..<end]))
      (start, end) = (0, end - start)
    }
    while end - start < count {
      let more = try fill(UnsafeMutableRawBufferPointer(rebasing: ready[end...]))
      guard more > 0 else { break }
      end += more
    }
    return UnsafeRawBufferPointer(rebasing: ready[start..<min(end, start + count)])
  }

  /// Takes the next bytes, handed out piece by piece.
  ///
  /// - Throws: `cut` where fewer come.
  package func take(
    _ count: UInt64,
    _ body: (UnsafeRawBufferPointer) -> Void = { _ in }
  ) throws(ArchiveError) {
    var rest = count
    while rest > 0 {
      if start == end {
        (start, end) = (0, try fill(ready))
        guard end > 0 else { throw .cut }
      }
      let piece = Int(min(rest, UInt64(end - start)))
      body(UnsafeRawBufferPointer(rebasing: ready[start..<start + piece]))
      start += piece
      rest -= UInt64(piece)
    }
  }

  /// - Returns: how many bytes there are now; 0 at the end.
  private func fill(_ room: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
    isPacked ? try unpack(into: room) : try read(into: room)
  }

  private func read(into room: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
    do throws(SystemError) {
      let count = try SystemError.retrying(.read, descriptor, path) {
        Glibc.read(descriptor, room.baseAddress, room.count)
      }
      consumed += UInt64(count)
      return count
    } catch {
      throw .system(error)
    }
  }

  private func unpack(into room: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
    stream.next_out = room.baseAddress!.assumingMemoryBound(to: UInt8.self)
    stream.avail_out = UInt32(room.count)
    while true {
      if stream.avail_in == 0 {
        let count = try read(into: packed)
        stream.next_in = packed.baseAddress!.assumingMemoryBound(to: UInt8.self)
        stream.avail_in = UInt32(count)
        guard count > 0 else {
          if isInsideMember { throw .cut }
          return 0
        }
      }
      if !isInsideMember {
        // Another member, or what pads the last block of a tape.
        guard stream.next_in.pointee == 0x1f else { return 0 }
        guard inflateReset(&stream) == Z_OK else { throw .damagedGzip }
        isInsideMember = true
      }
      let status = inflate(&stream, Z_NO_FLUSH)
      if status == Z_STREAM_END { isInsideMember = false }
      guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else { throw .damagedGzip }
      let count = room.count - Int(stream.avail_out)
      guard count > 0 else { continue }
      made += UInt64(count)
      guard made <= Self.ratioStarts || made / Self.mostRatio <= consumed else { throw .bomb }
      return count
    }
  }
}
