import Glibc

/// Another program, run to its end.
package struct ChildProcess {
  /// How it ended: its exit status, or 128 and the signal's number, as shells have it.
  package let status: Int32
  /// What it wrote to standard output.
  package let output: String
  /// What it wrote to standard error.
  package let errors: String

  /// Runs a program and waits for it.
  ///
  /// - Parameters:
  ///   - program: a name that is looked up in PATH, or a path.
  ///   - input: what comes on its standard input.
  ///   - environment: `NAME=VALUE` each; nil for this process's own.
  ///   - isInterrupted: asked now and then, if given; once it is true, the child and its own children are ended. They
  ///     do not get the terminal's Ctrl-C themselves.
  /// - Returns: nil where the program cannot be started.
  package static func run(
    _ program: String,
    _ arguments: [String],
    input: String = "",
    environment: [String]? = nil,
    isInterrupted: (() -> Bool)? = nil
  ) -> ChildProcess? {
    guard let path = find(program) else { return nil }
    // Files, not pipes: a child that writes much to both would wait for a reader that waits for the other.
    let output = namelessFile()
    defer { if output >= 0 { close(output) } }
    let errors = namelessFile()
    defer { if errors >= 0 { close(errors) } }
    let inputFile = namelessFile()
    defer { if inputFile >= 0 { close(inputFile) } }
    guard output >= 0, errors >= 0, inputFile >= 0, write(input, to: inputFile) else { return nil }

    let group = isInterrupted != nil
    guard
      let process = start(
        path,
        [path] + arguments,
        input: inputFile,
        output: output,
        errors: errors,
        environment: environment,
        isGroup: group
      )
    else { return nil }
    var status: Int32 = 0
    if let isInterrupted {
      var ticksSince = 0
      while waitpid(process, &status, WNOHANG) == 0 {
        // As Ctrl-C would, once: builds end their own children then. Who does not end in 10 s is made to.
        if isInterrupted() {
          if ticksSince == 0 { kill(-process, SIGINT) }
          if ticksSince == 200 { kill(-process, SIGKILL) }
          ticksSince += 1
        }
        usleep(50_000)
      }
    } else {
      while waitpid(process, &status, 0) < 0 { guard errno == EINTR else { return nil } }
    }
    let signal = status & 0x7f
    return ChildProcess(
      status: signal == 0 ? (status >> 8) & 0xff : 128 + signal,
      output: text(of: output),
      errors: text(of: errors)
    )
  }

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - path: where it is.
  ///   - words: its name and its arguments.
  ///   - input: what it reads; likewise what it writes to.
  ///   - environment: `NAME=VALUE` each; nil for this process's own.
  ///   - isGroup: whether it makes a process group of its own, which the terminal's Ctrl-C does not reach.
  /// - Returns: nil where it cannot be started.
  package static func start(
    _ path: String,
    _ words: [String],
    input: Int32,
    output: Int32,
    errors: Int32,
    environment: [String]? = nil,
    isGroup: Bool = false
  ) -> pid_t? {
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
    return status == 0 ? process : nil
  }

  /// The path of a program: as it is where it has a `/`, from PATH otherwise; nil where there is none.
  package static func find(_ program: String) -> String? {
    if program.contains("/") { return access(program, X_OK) == 0 ? program : nil }
    guard let path = getenv("PATH") else { return nil }
    for folder in String(cString: path).split(separator: ":") {
      let candidate = "\(folder)/\(program)"
      if access(candidate, X_OK) == 0 { return candidate }
    }
    return nil
  }

  /// An open file that no folder has, closed in programs that are started; negative where none can be made.
  package static func namelessFile() -> Int32 {
    guard let name = strdup("\(temporaryFolderPath)/tdxbench-XXXXXX") else { return -1 }
    defer { free(name) }
    let descriptor = mkstemp(name)
    guard descriptor >= 0 else { return -1 }
    unlink(name)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    return descriptor
  }

  private static func write(_ text: String, to descriptor: Int32) -> Bool {
    writeAll(Array(text.utf8), to: descriptor) && lseek(descriptor, 0, SEEK_SET) == 0
  }

  private static func text(of descriptor: Int32) -> String {
    lseek(descriptor, 0, SEEK_SET)
    return String(decoding: readAll(descriptor) ?? [], as: UTF8.self)
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
