import Glibc
import JSON
import SystemIO

extension JSONWriter {
  /// Writes everything to a file descriptor and empties the writer.
  ///
  /// Where the other end of a pipe has gone, `EPIPE` is thrown only if the process ignores SIGPIPE.
  public mutating func flush(to descriptor: Int32) throws(SystemError) {
    var written = 0
    // What has been written must not be written again, whatever happens.
    defer { removeFirst(written) }
    let bytes = bytes
    while written < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
      written += try SystemError.retrying(.write, descriptor) {
        write(descriptor, rest.baseAddress, rest.count)
      }
    }
  }
}

/// Answers a stream of lines, each with a line, in order.
///
/// What has been answered is written out when it passes 64 KiB, at the end, and whenever the next line has still
/// to be waited for, so that a peer that sends one line and waits gets its answer. Memory does not grow with the
/// number of lines; for each thread it has two batches of some 16 KiB of lines with their answers, and an answerer.
///
/// - Parameters:
///   - input: a file descriptor; stays the caller's to close, as `output`.
///   - limit: the longest line to take, in bytes.
///   - threads: how many answer lines, the calling one among them. Where the system has no room for so many, fewer do.
///   - makeAnswerer: called once for each thread; what it makes is used by one of them.
/// - Returns: whether every line was a request.
/// - Throws: `SystemError`; what was answered before a failed read has been written.
public func answerLines(
  from input: Int32,
  to output: Int32,
  limit: Int = LineReader.defaultLimit,
  threads: Int = 1,
  with makeAnswerer: () -> any LineAnswerer
) throws(SystemError) -> Bool {
  precondition(threads > 0, "somebody has to answer")
  guard threads > 1 else {
    let answerer = makeAnswerer()
    var isClean = true
    try answerLines(from: input, to: output, limit: limit) { number, line, answer in
      isClean = answerer.answer(line, number: number, into: &answer) && isClean
    }
    return isClean
  }
  return try ParallelLineStream(input, output, limit: limit, threads: threads, makeAnswerer).run()
}

/// The same on one thread, with a function: hands each line to `body`, with its number and the writer to answer into.
public func answerLines(
  from input: Int32,
  to output: Int32,
  limit: Int = LineReader.defaultLimit,
  _ body: (_ number: Int, _ line: InputLine, _ answer: inout JSONWriter) -> Void
) throws(SystemError) {
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
