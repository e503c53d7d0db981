import Glibc
import Synchronization

/// Notices Ctrl-C, so that a run can end with what it has.
public enum Interruption {
  private static let flag = Atomic(false)

  /// Whether SIGINT has come since ``watch()``.
  public static var hasOccurred: Bool { flag.load(ordering: .relaxed) }

  /// From now on the first SIGINT is only noted. The second ends the process, as it does by default.
  public static func watch() {
    // Initialises the flag: a signal handler must not.
    flag.store(false, ordering: .relaxed)
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in Interruption.flag.store(true, ordering: .relaxed) }
    action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | SA_RESTART
    sigaction(SIGINT, &action, nil)
  }
}
