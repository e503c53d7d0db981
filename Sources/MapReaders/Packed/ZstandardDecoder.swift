import CZstd

/// zstd (RFC 8878) by libzstd: any number of frames in a row.
enum ZstandardDecoder {
  static func unpack(_ bytes: UnsafeRawBufferPointer, into output: inout BoundedOutput) -> UnpackingEnd {
    guard let decoder = ZSTD_createDCtx() else { return .memory }
    defer { ZSTD_freeDCtx(decoder) }
    // A frame may name a window of terabytes; 2^27 is what zstd itself takes without being asked.
    guard ZSTD_isError(ZSTD_DCtx_setParameter(decoder, ZSTD_d_windowLogMax, 27)) == 0 else { return .wrong }
    var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
    return withDecodingBuffer { buffer in
      /// What the decoder still waits for: 0 at the end of a frame.
      var expected = 1
      while true {
        var room = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
        let isAtEnd = input.pos == input.size
        if isAtEnd && expected == 0 { return .whole }
        expected = ZSTD_decompressStream(decoder, &room, &input)
        if ZSTD_isError(expected) != 0 {
          switch ZSTD_getErrorCode(expected) {
          case ZSTD_error_frameParameter_windowTooLarge, ZSTD_error_memory_allocation: return .memory
          // Behind a frame comes something that is none.
          case ZSTD_error_prefix_unknown where !output.bytes.isEmpty: return .whole
          default: return .wrong
          }
        }
        guard output.append(UnsafeBufferPointer(rebasing: buffer[..<room.pos])) else { return .full }
        if isAtEnd && room.pos == 0 { return expected == 0 ? .whole : .cut }
      }
    }
  }
}
