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
    let group = isGroup ? POSIX_SPAWN_SETPGROUP : 0
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | group))

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
  }

  /// Waits for the end; nil where it has been waited for before.
  package func wait() -> End? {
    guard !hasEnded else { return nil }
    hasEnded = true
    var status: Int32 = 0
    while waitpid(id, &status, 0) < 0 { guard errno == EINTR else { return nil } }
    return End(status)
  }

  /// Waits for the end of a group of its own, and ends it once it `isInterrupted`.
  package func wait(unless isInterrupted: () -> Bool) -> End? {
    guard !hasEnded else { return nil }
    var status: Int32 = 0
    var ticksSince = 0
    while waitpid(id, &status, WNOHANG) == 0 {
      // As Ctrl-C would, once: builds end their own children then. Who does not end in 10 s is made to.
      if isInterrupted() {
        if ticksSince == 0 { Glibc.kill(-id, SIGINT) }
        if ticksSince == 200 { Glibc.kill(-id, SIGKILL) }
        ticksSince += 1
      }
      usleep(50_000)
    }
    hasEnded = true
    return End(status)
  }

  /// Kills it, if it still lives.
  package func kill() {
    guard !hasEnded else { return }
    Glibc.kill(id, SIGKILL)
    _ = wait()
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
