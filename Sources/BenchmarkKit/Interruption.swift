import Glibc
import Synchronization

/// Notices Ctrl-C and its like, so that a run can end with what it has.
public enum Interruption {
  private static let signal = Atomic<Int32>(0)

  /// Whether SIGINT, SIGTERM or SIGHUP has come since ``watch()``.
  public static var hasOccurred: Bool { number != 0 }

  /// The signal that came first; 0 for none.
  public static var number: Int32 { signal.load(ordering: .relaxed) }

  /// From now on the first of these signals is only noted. The second ends the process, as it does by default. Who started
  /// this process so that it outlives its terminal (nohup) has his way.
  public static func watch() {
    // Initialises it: a signal handler must not.
    signal.store(0, ordering: .relaxed)
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { number in
      Interruption.signal.store(number, ordering: .relaxed)
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

  private static func isIgnored(_ action: sigaction) -> Bool {
    unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
  }
}
