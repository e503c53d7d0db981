import Glibc

/// Another program while it runs. Whoever starts it waits for its end, or it stays in the system's books.
package final class RunningProcess {
  /// How a process ended.
  package enum End: Hashable, Sendable {
    case status(Int32)
    case signal(Int32)

    fileprivate init(_ status: Int32) {
      let signal = status & 0x7f
      self = signal == 0 ? .status((status >> 8) & 0xff) : .signal(signal)
    }

    /// As shells have it: the exit status, or 128 and the signal's number.
    package var status: Int32 {
      switch self {
      case .status(let status): status
      case .signal(let signal): 128 + signal
      }
    }
  }

  package let id: pid_t
  private let isGroup: Bool
  private var hasEnded = false

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - path: where it is.
  ///   - words: its name and its arguments.
  ///   - input: what it reads; likewise what it writes to.
  ///   - environment: `NAME=VALUE` each; nil for this process's own.
  ///   - isGroup: whether it makes a process group of its own, which the terminal's Ctrl-C does not reach.
  /// - Returns: nil where it cannot be started.
  package init?(
    _ path: String,
    _ words: [String],
    input: Int32,
    output: Int32,
    errors: Int32,
    environment: [String]? = nil,
    isGroup: Bool = false
  ) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)

    // This process may ignore SIGPIPE; that is nothing a child should inherit.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var defaults = sigset_t()
    sigemptyset(&defaults)
    sigaddset(&defaults, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    // Nor what the thread that starts it has blocked: Ctrl-C would not reach it.
    var blocked = sigset_t()
    sigemptyset(&blocked)
    posix_spawnattr_setsigmask(&attributes, &blocked)
    let group = isGroup ? POSIX_SPAWN_SETPGROUP : 0
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | group))

    var process = pid_t()
    let words = CStrings(words)
    let variables = environment.map(CStrings.init)
    let status = posix_spawn(
      &process,
      path,
      &actions,
      &attributes,
      words.array,
      variables?.array ?? environ
    )
    guard status == 0 else { return nil }
    id = process
    self.isGroup = isGroup
  }

  /// Waits for the end; nil where it has been waited for before.
  package func wait() -> End? {
    guard !hasEnded else { return nil }
    hasEnded = true
    var status: Int32 = 0
    while waitpid(id, &status, 0) < 0 { guard errno == EINTR else { return nil } }
    return End(status)
  }

  /// Whether it has ended. It stays in the system's books until it is waited for, and so does the number of its group.
  package var isOver: Bool {
    guard !hasEnded else { return true }
    var information = siginfo_t()
    return waitid(P_PID, id_t(id), &information, WEXITED | WNOHANG | WNOWAIT) != 0
      || information.si_signo == SIGCHLD
  }

  /// Asks it, and with a group of its own all that it started, to end as Ctrl-C does.
  package func interrupt() {
    guard !hasEnded else { return }
    Glibc.kill(isGroup ? -id : id, SIGINT)
  }

  /// Kills what still lives of it, with a group of its own all that it started, and waits: in this order, because the
  /// number of a process that was waited for may be another's.
  ///
  /// - Parameter grace: how long it may take to end by itself.
  /// - Returns: how it ended by itself; nil where it did not, or has been waited for before.
  @discardableResult
  package func end(after grace: Duration = .zero) -> End? {
    guard !hasEnded else { return nil }
    let deadline = ContinuousClock.now + grace
    while !isOver, ContinuousClock.now < deadline { usleep(2000) }
    let wasOver = isOver
    if isGroup || !wasOver { Glibc.kill(isGroup ? -id : id, SIGKILL) }
    let end = wait()
    return wasOver ? end : nil
  }
}

/// Kills the processes of this user whose environment has a variable, and waits until there is none: each may have started
/// another meanwhile. This process is not looked at. At most some seconds.
///
/// - Parameter variable: `NAME=VALUE`, as they were started with.
package func endProcesses(with variable: String) {
  let wanted = Array(variable.utf8)
  for _ in 0..<100 {
    var count = 0
    for name in (try? namesInFolder("/proc")) ?? [] {
      guard let process = pid_t(name), process != getpid(),
        let environment = try? bytesOfFile("/proc/\(name)/environ"),
        environment.split(separator: 0).contains(where: { $0.elementsEqual(wanted) })
      else { continue }
      kill(process, SIGKILL)
      count += 1
    }
    if count == 0 { return }
    usleep(50_000)
  }
}

/// An array of C strings that ends with a null pointer, as argv and environ do.
private final class CStrings {
  let array: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private let count: Int

  init(_ strings: [String]) {
    count = strings.count
    array = .allocate(capacity: count + 1)
    for (index, string) in strings.enumerated() { array[index] = strdup(string) }
    array[count] = nil
  }

  deinit {
    for index in 0..<count { free(array[index]) }
    array.deallocate()
  }
}
