import Glibc

extension JSONWriter {
  /// Writes everything to a file descriptor and empties the writer.
  ///
  /// Where the other end of a pipe has gone, `EPIPE` is thrown only if the process ignores SIGPIPE.
  public mutating func flush(to descriptor: Int32) throws(IOError) {
    var written = 0
    // What has been written must not be written again, whatever happens.
    defer { removeFirst(written) }
    let bytes = bytes
    while written < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
      written += try IOError.retrying(.write, descriptor) { write(descriptor, rest.baseAddress, rest.count) }
    }
  }
}

/// Answers a stream of lines: hands each to `body`, with its number and the writer to answer into.
///
/// What has been answered is written out when it passes 64 KiB, at the end, and whenever the next line has still
/// to be waited for, so that a peer that sends one line and waits gets its answer. Memory does not grow with the
/// number of lines.
///
/// - Parameters:
///   - input: a file descriptor; stays the caller's to close, as `output`.
///   - limit: the longest line to take, in bytes.
/// - Throws: `IOError`; what was answered before a failed read has been written.
public func answerLines(
  from input: Int32,
  to output: Int32,
  limit: Int = LineReader.defaultLimit,
  _ body: (_ number: Int, _ line: InputLine, _ answer: inout JSONWriter) -> Void
) throws(IOError) {
  let threshold = 1 << 16
  var reader = LineReader(input, limit: limit)
  var writer = JSONWriter(capacity: 2 * threshold)
  repeat {
    while let line = reader.nextBuffered() {
      body(reader.number, line, &writer)
      if writer.count > threshold { try writer.flush(to: output) }
    }
    try writer.flush(to: output)
  } while try reader.fill()
}
