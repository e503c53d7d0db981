import Glibc

/// What the system said when it refused something: errno, and what it was about.
public struct SystemError: Error, Hashable, Sendable {
  public enum Operation: String, Sendable {
    case read
    case write
  }

  public let operation: Operation
  /// The file as it was named; nil for a descriptor.
  public let path: String?
  /// errno: `EPIPE` where the reader has gone, `ENOSPC` where the disk is full.
  public let code: Int32

  /// - Parameter code: read right after the call that failed.
  public init(_ operation: Operation, _ path: String? = nil, code: Int32 = errno) {
    self.operation = operation
    self.path = path
    self.code = code
  }

  /// `No space left on device`
  public var reason: String { String(cString: strerror(code)) }
}

extension SystemError: CustomStringConvertible {
  /// `results/record: No space left on device`, or `write: No space left on device` for a descriptor.
  public var description: String { "\(path ?? operation.rawValue): \(reason)" }
}

extension SystemError {
  /// Repeats a system call that a signal has interrupted or that a descriptor was not ready for.
  ///
  /// - Returns: what the call returns, not negative.
  package static func retrying(
    _ operation: Operation,
    _ descriptor: Int32,
    _ path: String? = nil,
    _ call: () -> Int
  ) throws(SystemError) -> Int {
    while true {
      let result = call()
      if result >= 0 { return result }
      switch errno {
      case EINTR: continue
      case EAGAIN:
        // The descriptor does not block: whoever opened it may have left it so.
        var waiting = pollfd(fd: descriptor, events: Int16(operation == .read ? POLLIN : POLLOUT), revents: 0)
        _ = poll(&waiting, 1, -1)
      default: throw SystemError(operation, path)
      }
    }
  }
}
