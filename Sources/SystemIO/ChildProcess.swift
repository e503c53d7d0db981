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
    guard let output = try? TemporaryFile(), let errors = try? TemporaryFile(),
      let inputFile = try? TemporaryFile(Array(input.utf8))
    else { return nil }
    inputFile.rewind()
    guard
      let child = RunningProcess(
        path,
        [path] + arguments,
        input: inputFile.descriptor,
        output: output.descriptor,
        errors: errors.descriptor,
        environment: environment,
        isGroup: isInterrupted != nil
      )
    else { return nil }
    let end = isInterrupted.map(child.wait(unless:)) ?? child.wait()
    return end.map { end in
      ChildProcess(status: end.status, output: output.text, errors: errors.text)
    }
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
}
