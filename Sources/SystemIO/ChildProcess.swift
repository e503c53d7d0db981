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
    guard let inputs = try? Pipe(), let outputs = try? Pipe(), let complaints = try? Pipe() else {
      return nil
    }
    let child = RunningProcess(
      path,
      [path] + arguments,
      input: inputs.reading,
      output: outputs.writing,
      errors: complaints.writing,
      environment: environment,
      isGroup: isInterrupted != nil
    )
    for end in [inputs.reading, outputs.writing, complaints.writing] { close(end) }
    var conversation = Conversation(
      Array(input.utf8),
      to: inputs.writing,
      from: [outputs.reading, complaints.reading]
    )
    defer { conversation.close() }
    guard let child else { return nil }
    let asks = ContinuousClock.now
    var interruption: ContinuousClock.Instant?
    while !child.isOver {
      // The first moments are short: most programs end at once.
      conversation.turn(within: ContinuousClock.now - asks < .milliseconds(50) ? 1 : 50)
      guard isInterrupted?() == true else { continue }
      // As Ctrl-C would, once: builds end their own children then. Who does not end in 10 s is made to.
      if interruption == nil { child.interrupt() }
      let start = interruption ?? .now
      interruption = start
      if ContinuousClock.now - start > .seconds(10) { break }
    }
    // Of what it said nothing is lost; what its own children hold open is not waited for.
    conversation.turn(within: 0)
    let end = isInterrupted == nil ? child.wait() : child.end() ?? .signal(SIGKILL)
    return end.map { end in
      ChildProcess(status: end.status, output: conversation.text(0), errors: conversation.text(1))
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

/// What goes to a program and comes from it, in pieces, as either side is ready: who wrote first and read then would wait for
/// a program that waits for its reader.
private struct Conversation {
  private var input: ArraySlice<UInt8>
  private var writing: Int32
  private var reading: [Int32]
  private var received: [[UInt8]]

  /// No program that is asked here says as much; what is beyond is read and dropped.
  private static let mostBytes = 64 << 20

  init(_ input: [UInt8], to writing: Int32, from reading: [Int32]) {
    self.input = input[...]
    self.writing = writing
    self.reading = reading
    received = reading.map { _ in [] }
    for descriptor in [writing] + reading { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
    if input.isEmpty { closeInput() }
  }

  /// Waits for one side to be ready, then does all that can be done at once.
  mutating func turn(within milliseconds: Int32) {
    var requests = (reading + [writing]).enumerated().map { place, descriptor in
      // Negative ones, which are closed, are passed over.
      pollfd(fd: descriptor, events: Int16(place < reading.count ? POLLIN : POLLOUT), revents: 0)
    }
    _ = poll(&requests, nfds_t(requests.count), milliseconds)
    for place in reading.indices { take(place) }
    send()
  }

  private mutating func take(_ place: Int) {
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while reading[place] >= 0 {
      let count = read(reading[place], &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN { return }
      guard count > 0 else {
        Glibc.close(reading[place])
        reading[place] = -1
        return
      }
      received[place] += piece.prefix(min(count, Self.mostBytes - received[place].count))
    }
  }

  private mutating func send() {
    while writing >= 0, !input.isEmpty {
      let count = input.withUnsafeBytes { write(writing, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN { return }
      // Who does not read its input has its reasons.
      input = count < 0 ? [] : input.dropFirst(count)
    }
    closeInput()
  }

  private mutating func closeInput() {
    if writing >= 0 { Glibc.close(writing) }
    writing = -1
  }

  mutating func close() {
    closeInput()
    for descriptor in reading where descriptor >= 0 { Glibc.close(descriptor) }
  }

  /// What came, whatever is not UTF-8 in it replaced.
  func text(_ place: Int) -> String { String(decoding: received[place], as: UTF8.self) }
}

/// This process's environment, `NAME=VALUE` each.
package var ownEnvironment: [String] {
  var variables: [String] = []
  var next = environ
  while let variable = next.pointee {
    variables.append(String(cString: variable))
    next += 1
  }
  return variables
}
