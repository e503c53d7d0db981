import CLZMA

/// xz by liblzma: any number of streams in a row, and their padding.
enum XZDecoder {
  static func unpack(_ bytes: UnsafeRawBufferPointer, into output: inout BoundedOutput) -> UnpackingEnd {
    var stream = lzma_stream()
    // LZMA_CONCATENATED, a macro that Swift cannot read.
    let concatenated: UInt32 = 0x08
    guard lzma_stream_decoder(&stream, UInt64(Compression.mostDecoderMemory), concatenated) == LZMA_OK else {
      return .memory
    }
    defer { lzma_end(&stream) }
    stream.next_in = bytes.bindMemory(to: UInt8.self).baseAddress
    stream.avail_in = bytes.count
    return withDecodingBuffer { buffer in
      while true {
        stream.next_out = buffer.baseAddress
        stream.avail_out = buffer.count
        let status = lzma_code(&stream, LZMA_FINISH)
        let made = buffer.count - stream.avail_out
        guard output.append(UnsafeBufferPointer(rebasing: buffer[..<made])) else { return .full }
        switch status {
        case LZMA_OK: break
        case LZMA_STREAM_END: return .whole
        case LZMA_BUF_ERROR: return .cut
        case LZMA_MEM_ERROR, LZMA_MEMLIMIT_ERROR: return .memory
        default: return .wrong
        }
      }
    }
  }
}
