import Glibc

/// The system's monotonic clock, in nanoseconds.
public enum MonotonicClock {
  /// Nanoseconds since some moment in the past. Never goes back.
  ///
  /// - Complexity: O(1): about 20 ns, without a system call.
  public static func now() -> UInt64 {
    var time = timespec()
    let status = clock_gettime(CLOCK_MONOTONIC, &time)
    precondition(status == 0, "this system has no monotonic clock")
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// The nanoseconds that `work` took.
  package static func time(_ work: () -> Void) -> UInt64 {
    let start = now()
    work()
    return now() - start
  }

  /// The finest step that the clock shows, in nanoseconds, the cost of reading it included: the least difference
  /// of two readings in a row that differ. What is measured is uncertain by this much.
  ///
  /// - Complexity: 1000 readings, each waiting for the next step of the clock.
  public static func measureGrain() -> UInt64 {
    var finest = UInt64.max
    for _ in 0..<1000 {
      let start = now()
      var end = now()
      while end == start { end = now() }
      finest = min(finest, end - start)
    }
    return finest
  }
}
