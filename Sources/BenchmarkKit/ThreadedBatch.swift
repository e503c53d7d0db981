import Glibc

/// A batch that several threads run at the same time, each on a subject of its own.
enum ThreadedBatch {
  /// The nanoseconds from the first thread's start to the last one's end, after some calls of each off the clock.
  /// The threads wait for each other before they start.
  ///
  /// - Precondition: the system has room for as many threads.
  static func time(_ subjects: [Subject], calls: Int) -> UInt64 {
    var barrier = pthread_barrier_t()
    pthread_barrier_init(&barrier, nil, UInt32(subjects.count))
    defer { pthread_barrier_destroy(&barrier) }
    return withUnsafeMutablePointer(to: &barrier) { barrier in
      let parts = subjects.map { Part($0, calls: calls, barrier) }
      for thread in parts.map(start) { pthread_join(thread, nil) }
      let start = parts.map(\.start).min() ?? 0
      return (parts.map(\.end).max() ?? start) - start
    }
  }

  /// What one thread does.
  private final class Part {
    let subject: Subject
    let calls: Int
    let barrier: UnsafeMutablePointer<pthread_barrier_t>
    /// When its calls started and ended, on the monotonic clock.
    var start: UInt64 = 0
    var end: UInt64 = 0

    init(_ subject: Subject, calls: Int, _ barrier: UnsafeMutablePointer<pthread_barrier_t>) {
      self.subject = subject
      self.calls = calls
      self.barrier = barrier
    }

    func run() {
      subject.run(Trial.warmUpCalls(for: calls))
      pthread_barrier_wait(barrier)
      start = MonotonicClock.now()
      subject.run(calls)
      end = MonotonicClock.now()
    }
  }

  /// Runs `part` on a thread of its own, which must be joined while `part` lives.
  private static func start(_ part: Part) -> pthread_t {
    var thread = pthread_t()
    let status = pthread_create(
      &thread,
      nil,
      { argument in
        Unmanaged<Part>.fromOpaque(argument!).takeUnretainedValue().run()
        return nil
      },
      Unmanaged.passUnretained(part).toOpaque()
    )
    precondition(status == 0, "the system has no room for another thread")
    return thread
  }
}
