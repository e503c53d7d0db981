import Glibc

/// Lines over a pair of descriptors, one direction each.
package final class LineChannel {
  /// What came of waiting for a line.
  package enum Reading: Equatable {
    case line(String)
    case end
    /// Nothing came in time.
    case silence
    /// No line of a protocol is as long.
    case tooLong
  }

  private let input: Int32
  private let output: Int32
  private var pending: [UInt8] = []
  private var start = 0
  private static let longestLine = 1 << 20

  package init(reading input: Int32, writing output: Int32) {
    self.input = input
    self.output = output
  }

  /// - Returns: whether the line went out.
  package func write(_ line: String) -> Bool {
    do throws(SystemError) {
      try writeAll("\(line)\n", to: output)
      return true
    } catch {
      return false
    }
  }

  /// The next line, without its end.
  ///
  /// - Parameter limit: how long it may take to come; nil for ever.
  package func read(within limit: Duration? = nil) -> Reading {
    let deadline = limit.map { ContinuousClock.now + $0 }
    while true {
      if let end = pending[start...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { start = end + 1 }
        return .line(String(decoding: pending[start..<end], as: UTF8.self))
      }
      pending.removeFirst(start)
      start = 0
      guard pending.count <= Self.longestLine else { return .tooLong }
      guard wait(until: deadline) else { return .silence }
      var piece = [UInt8](repeating: 0, count: 4096)
      let count = Glibc.read(input, &piece, piece.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return .end }
      pending += piece[..<count]
    }
  }

  /// Whether something can be read before the deadline.
  private func wait(until deadline: ContinuousClock.Instant?) -> Bool {
    guard let deadline else { return true }
    while true {
      let left = max(.zero, ContinuousClock.now.duration(to: deadline))
      var request = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
      let milliseconds = Int32(clamping: Int64(left / .milliseconds(1)) + 1)
      let status = poll(&request, 1, milliseconds)
      if status > 0 { return true }
      if status == 0, ContinuousClock.now >= deadline { return false }
      if status < 0, errno != EINTR { return false }
    }
  }
}
