import Glibc

/// Reading or writing failed.
public struct IOError: Error, Hashable, Sendable {
  public enum Operation: String, Sendable {
    case read
    case write
  }

  public let operation: Operation
  /// errno: `EPIPE` where the reader has gone, `ENOSPC` where the disk is full.
  public let code: Int32

  init(_ operation: Operation, code: Int32 = errno) {
    self.operation = operation
    self.code = code
  }
}

extension IOError: CustomStringConvertible {
  /// `write: No space left on device`.
  public var description: String { "\(operation.rawValue): \(String(cString: strerror(code)))" }
}

extension IOError {
  /// Repeats a system call that a signal has interrupted or that a descriptor was not ready for.
  ///
  /// - Returns: what the call returns, not negative.
  static func retrying(
    _ operation: Operation,
    _ descriptor: Int32,
    _ call: () -> Int
  ) throws(IOError) -> Int {
    while true {
      let result = call()
      if result >= 0 { return result }
      switch errno {
      case EINTR: continue
      case EAGAIN:
        // The descriptor does not block: whoever opened it may have left it so.
        var waiting = pollfd(fd: descriptor, events: Int16(operation == .read ? POLLIN : POLLOUT), revents: 0)
        _ = poll(&waiting, 1, -1)
      default: throw IOError(operation)
      }
    }
  }
}
