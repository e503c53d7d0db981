import Glibc
import Synchronization

/// Notices Ctrl-C and its like, so that a run can end with what it has.
public enum Interruption {
  private static let signal = Atomic<Int32>(0)
  /// Written to by the handler, which may do little else; -1 where nobody waits.
  private static let bell = Atomic<Int32>(-1)
  private static let late = Mutex<(@Sendable () -> Void)?>(nil)

  /// Whether SIGINT, SIGTERM or SIGHUP has come since ``watch()``.
  public static var hasOccurred: Bool { number != 0 }

  /// The signal that came first; 0 for none.
  public static var number: Int32 { signal.load(ordering: .relaxed) }

  /// From now on the first of these signals is only noted. The second ends the process, as it does by default. Who started
  /// this process so that it outlives its terminal (nohup) has his way.
  public static func watch() {
    // Initialises it: a signal handler must not.
    signal.store(0, ordering: .relaxed)
    _ = bell.load(ordering: .relaxed)
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { number in
      Interruption.signal.store(number, ordering: .relaxed)
      let (bell, code) = (Interruption.bell.load(ordering: .relaxed), errno)
      if bell >= 0 { _ = write(bell, "\n", 1) }
      errno = code
      Glibc.signal(SIGINT, SIG_DFL)
      Glibc.signal(SIGTERM, SIG_DFL)
      Glibc.signal(SIGHUP, SIG_DFL)
    }
    action.sa_flags = SA_RESTART
    for number in [SIGINT, SIGTERM, SIGHUP] {
      var old = sigaction()
      sigaction(number, nil, &old)
      if number == SIGHUP, isIgnored(old) { continue }
      sigaction(number, &action, nil)
    }
  }

  /// Calls `act` on a thread of its own, so long after the first of these signals: for who is busy then with a step that takes
  /// longer than people wait. To be called once, after ``watch()``. Without a thread or a pipe, nobody is called.
  ///
  /// The thread sleeps until then, so it takes nothing from what is measured.
  public static func after(_ grace: Duration, _ act: @escaping @Sendable () -> Void) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let reading = ends[0]
    late.withLock {
      $0 = {
        var byte: UInt8 = 0
        while read(reading, &byte, 1) < 0 { guard errno == EINTR else { return } }
        let end = ContinuousClock.now + grace
        while ContinuousClock.now < end { usleep(10_000) }
        act()
      }
    }
    var thread = pthread_t()
    let status = pthread_create(
      &thread,
      nil,
      { _ in
        Interruption.late.withLock { $0 }?()
        return nil
      },
      nil
    )
    guard status == 0 else { return }
    pthread_detach(thread)
    bell.store(ends[1], ordering: .relaxed)
  }

  private static func isIgnored(_ action: sigaction) -> Bool {
    unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
  }
}
