import CZlib

/// gzip (RFC 1952) by zlib: any number of members in a row.
enum GzipDecoder {
  static func unpack(_ bytes: UnsafeRawBufferPointer, into output: inout BoundedOutput) -> UnpackingEnd {
    var stream = z_stream()
    // 16: a header of gzip, and its checksum.
    guard
      inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { return .memory }
    defer { inflateEnd(&stream) }
    var offset = 0
    var isInsideMember = true
    return withDecodingBuffer { buffer in
      while true {
        if stream.avail_in == 0 && offset < bytes.count {
          let count = min(bytes.count - offset, 1 << 30)
          stream.next_in = UnsafeMutableRawPointer(mutating: bytes.baseAddress! + offset).assumingUInt8
          stream.avail_in = UInt32(count)
          offset += count
        }
        stream.next_out = buffer.baseAddress
        stream.avail_out = UInt32(buffer.count)
        let status = inflate(&stream, Z_NO_FLUSH)
        let made = buffer.count - Int(stream.avail_out)
        guard output.append(UnsafeBufferPointer(rebasing: buffer[..<made])) else { return .full }
        switch status {
        case Z_STREAM_END:
          isInsideMember = false
          let rest = offset - Int(stream.avail_in)
          // Another member, or what pads the last block of a tape.
          guard rest + 1 < bytes.count, bytes[rest] == 0x1f, bytes[rest + 1] == 0x8b else { return .whole }
          guard inflateReset(&stream) == Z_OK else { return .wrong }
          isInsideMember = true
        case Z_OK: break
        case Z_BUF_ERROR where stream.avail_in == 0 && offset == bytes.count:
          return isInsideMember ? .cut : .whole
        case Z_MEM_ERROR: return .memory
        default: return .wrong
        }
        if status == Z_OK && made == 0 && stream.avail_in == 0 && offset == bytes.count { return .cut }
      }
    }
  }
}

extension UnsafeMutableRawPointer {
  fileprivate var assumingUInt8: UnsafeMutablePointer<UInt8> { assumingMemoryBound(to: UInt8.self) }
}
