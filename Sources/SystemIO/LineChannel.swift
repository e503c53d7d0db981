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
    /// More than there may be came beside the lines.
    case flood
  }

  /// What came of sending a line.
  package enum Writing: Equatable {
    case sent
    /// Nobody reads any more.
    case gone
    /// Not all of it was taken in time.
    case late
    case flood
  }

  private let input: Int32
  private let output: Int32
  private let aside: LastWords?
  private var pending: [UInt8] = []
  private var start = 0
  /// Up to where there is no line's end; a long line is not looked through again for each piece of it.
  private var searched = 0
  private static let longestLine = 1 << 20

  /// - Parameters:
  ///   - output: where it does not block, deadlines of writing hold.
  ///   - aside: what the other side says beside its lines; it is taken in while the channel waits, or the other side would
  ///     wait for that.
  package init(reading input: Int32, writing output: Int32, aside: LastWords? = nil) {
    self.input = input
    self.output = output
    self.aside = aside
  }

  /// Sends a line.
  ///
  /// - Parameter deadline: until when all of it must be taken; nil for ever.
  package func write(_ line: String, until deadline: ContinuousClock.Instant? = nil) -> Writing {
    let bytes = Array("\(line)\n".utf8)
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(output, $0.baseAddress! + sent, bytes.count - sent) }
      if count >= 0 {
        sent += count
        continue
      }
      switch errno {
      case EINTR: continue
      case EAGAIN:
        switch wait(for: output, POLLOUT, until: deadline) {
        case .ready: continue
        case .late: return .late
        case .flood: return .flood
        }
      default: return .gone
      }
    }
    return .sent
  }

  /// The next line, without its end.
  ///
  /// - Parameter deadline: until when it must have come; nil for ever.
  package func read(until deadline: ContinuousClock.Instant? = nil) -> Reading {
    while true {
      if let end = pending[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { (start, searched) = (end + 1, end + 1) }
        return .line(String(decoding: pending[start..<end], as: UTF8.self))
      }
      pending.removeFirst(start)
      (start, searched) = (0, pending.count)
      guard pending.count <= Self.longestLine else { return .tooLong }
      switch wait(for: input, POLLIN, until: deadline) {
      case .ready: break
      case .late: return .silence
      case .flood: return .flood
      }
      var piece = [UInt8](repeating: 0, count: 4096)
      let count = Glibc.read(input, &piece, piece.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return .end }
      pending += piece[..<count]
    }
  }

  private enum Waiting { case ready, late, flood }

  /// Waits until a descriptor is ready, and takes in meanwhile what comes aside.
  private func wait(for descriptor: Int32, _ event: Int32, until deadline: ContinuousClock.Instant?)
    -> Waiting
  {
    guard deadline != nil || aside != nil else { return .ready }
    while true {
      var requests = [pollfd(fd: descriptor, events: Int16(event), revents: 0)]
      if let aside, aside.isOpen {
        requests.append(pollfd(fd: aside.descriptor, events: Int16(POLLIN), revents: 0))
      }
      var milliseconds: Int32 = -1
      if let deadline {
        let left = max(.zero, ContinuousClock.now.duration(to: deadline))
        milliseconds = Int32(clamping: Int64(left / .milliseconds(1)) + 1)
      }
      let status = poll(&requests, nfds_t(requests.count), milliseconds)
      if status < 0, errno != EINTR { return .late }
      if requests.count > 1, requests[1].revents != 0 {
        aside?.takeIn()
        if aside?.isFlood == true { return .flood }
      }
      if requests[0].revents != 0 { return .ready }
      if let deadline, ContinuousClock.now >= deadline { return .late }
    }
  }
}

/// What a program says on standard error while it is asked other things: counted, and no more kept of it than its end.
package final class LastWords {
  /// The reading end of a pipe; closed with this.
  let descriptor: Int32
  private let limit: Int
  private var count = 0
  private var kept: [UInt8] = []
  private(set) var isOpen = true

  private static let keptBytes = 2048

  /// - Parameters:
  ///   - descriptor: the reading end of a pipe, which this owns from now on.
  ///   - limit: how many bytes may come in all.
  package init(reading descriptor: Int32, limit: Int) {
    self.descriptor = descriptor
    self.limit = limit
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
  }

  deinit { close(descriptor) }

  /// Whether more came than may.
  package var isFlood: Bool { count > limit }

  /// Takes in what is there, up to the limit and a pipe's worth.
  package func takeIn() {
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while isOpen, !isFlood {
      let got = read(descriptor, &piece, piece.count)
      if got < 0, errno == EINTR { continue }
      if got < 0, errno == EAGAIN { return }
      guard got > 0 else {
        isOpen = false
        return
      }
      count += got
      kept = Array((kept + piece[..<got]).suffix(Self.keptBytes))
    }
  }

  /// The end of what was said: at most three lines, in one.
  package var text: String {
    let lines = String(decoding: kept, as: UTF8.self).split(whereSeparator: \.isNewline)
    return lines.suffix(3).joined(separator: " | ")
  }
}
