import BenchmarkKit
import Glibc
import SystemIO

/// Why something could not be compared, in a sentence.
public struct TurnFailure: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Kind: Hashable, Sendable {
    /// A side crashed, was wrong, or said what is no answer; a base does not build.
    case failed
    /// A side did not answer in time.
    case hung
    /// There is no such revision.
    case missing
  }

  public let kind: Kind
  public let description: String

  init(_ description: String, _ kind: Kind = .failed) {
    self.kind = kind
    self.description = description
  }
}

/// A build as a running child that answers requests: see `TurnProtocol.swift`. Ended with the last reference.
final class TurnChild {
  /// What it said of itself.
  private(set) var greeting = Greeting.current
  private let build: Build
  private let process: RunningProcess
  private let input: Int32
  private let output: Int32
  private let errors: TemporaryFile
  private let channel: LineChannel
  private let limit: Duration

  /// Starts a build; it is to be greeted before anything else is asked.
  ///
  /// - Parameter limit: how long an answer may take.
  /// - Throws: `TurnFailure` where it does not start.
  init(_ build: Build, limit: Duration) throws(TurnFailure) {
    self.build = build
    self.limit = limit
    guard let errors = try? TemporaryFile(), let requests = try? Pipe(), let answers = try? Pipe() else {
      throw TurnFailure("\(build.label): \(build.program) cannot be started")
    }
    // The name lies on the stack, and paths of two lengths would move what stands there. A group of its own: Ctrl-C
    // is for the one who asks, and ends the children by the end of their input.
    let process = RunningProcess(
      build.program,
      ["tdxbench"] + build.arguments,
      input: requests.reading,
      output: answers.writing,
      errors: errors.descriptor,
      environment: Self.environment,
      isGroup: true
    )
    close(requests.reading)
    close(answers.writing)
    guard let process else {
      for descriptor in [requests.writing, answers.reading] { close(descriptor) }
      throw TurnFailure("\(build.label): \(build.program) cannot be started")
    }
    self.errors = errors
    self.process = process
    input = requests.writing
    output = answers.reading
    channel = LineChannel(reading: output, writing: input)
  }

  deinit {
    end()
    for descriptor in [input, output] { close(descriptor) }
  }

  /// Waits for the greeting, then keeps the child on a processor; nil for any.
  ///
  /// - Throws: `TurnFailure` where it does not speak the protocol.
  func greet(_ processor: Int?) throws(TurnFailure) {
    var said: Greeting?
    var manner = ""
    switch try read("greeting") {
    case .line(let line): said = Greeting(line)
    case .end: manner = " (\(mannerOfEnd()))"
    case .silence, .tooLong: break
    }
    guard let greeting = said else {
      end()
      let words = Self.isAbout(lastWords, "turns") ? "" : quoted(lastWords)
      throw TurnFailure(
        "\(build.label): \(build.program) does not take turns\(manner): it is older than `compare --build`, or no "
          + "tdxbench\(words)"
      )
    }
    guard greeting.version == Greeting.currentVersion else {
      throw TurnFailure(
        "\(build.label): \(build.program) speaks version \(greeting.version) of the protocol of turns, this one "
          + "\(Greeting.currentVersion): compare with a build whose version is the same"
      )
    }
    self.greeting = greeting
    if let processor { Processors.pin(process.id, to: [processor]) }
  }

  /// A usage message says only that the command is not known.
  private static func isAbout(_ words: String, _ command: String) -> Bool {
    words.contains("Usage:") || words.contains("'\(command)'")
  }

  /// The workloads that it knows.
  func list() throws(TurnFailure) -> [ListedWorkload] {
    var workloads: [ListedWorkload] = []
    try send("list")
    while true {
      let line = try receive("list")
      if line == "end" { return workloads }
      guard let workload = ListedWorkload(line) else { throw garbled(line) }
      guard workloads.count < Self.mostWorkloads else { throw garbled("a list without an end") }
      workloads.append(workload)
    }
  }

  private static let mostWorkloads = 10_000

  func prepare(_ workload: String) throws(TurnFailure) -> PreparedWorkload {
    let answer = try ask("prepare \(workload)")
    if answer.hasPrefix("wrong ") { throw TurnFailure("\(build.label): \(answer.dropFirst(6))") }
    guard let prepared = PreparedWorkload(answer) else { throw garbled(answer) }
    return prepared
  }

  /// The nanoseconds of a batch of the workload that was prepared last.
  ///
  /// - Parameter request: `run CALLS`.
  func time(_ request: String) throws(TurnFailure) -> UInt64 {
    let answer = try ask(request)
    guard answer.hasPrefix("took "), let time = UInt64(answer.dropFirst(5)) else { throw garbled(answer) }
    return time
  }

  /// Holds the result against what is expected once more, and releases the workload.
  func check() throws(TurnFailure) {
    let answer = try ask("check")
    guard answer == "right" else {
      let reason = answer.hasPrefix("wrong ") ? String(answer.dropFirst(6)) : answer
      throw TurnFailure("\(build.label): right at first, wrong after the timed calls: \(reason)")
    }
  }

  private func ask(_ request: String) throws(TurnFailure) -> String {
    try send(request)
    return try receive(request)
  }

  private func send(_ request: String) throws(TurnFailure) {
    guard channel.write(request) else { throw ended("before `\(request)`") }
  }

  private func receive(_ request: String) throws(TurnFailure) -> String {
    switch try read("answer to `\(request)`") {
    case .line(let line): return line
    case .end: throw ended("at `\(request)`")
    case .tooLong, .silence: throw garbled("a line without an end")
    }
  }

  /// What it says next, or that it has ended.
  ///
  /// - Parameter wanted: what is waited for.
  /// - Throws: `TurnFailure` where it says nothing in time, or fills the disk with complaints meanwhile. Then it is killed.
  private func read(_ wanted: String) throws(TurnFailure) -> LineChannel.Reading {
    let deadline = ContinuousClock.now + limit
    while true {
      let left = ContinuousClock.now.duration(to: deadline)
      let reading = channel.read(within: min(left, Self.look))
      guard reading == .silence else { return reading }
      if lseek(errors.descriptor, 0, SEEK_END) > Self.mostErrors {
        end()
        throw TurnFailure(
          "\(build.label): wrote over \(Self.mostErrors >> 20) MiB to standard error, so it was killed"
            + quoted(lastWords)
        )
      }
      if left <= Self.look {
        end()
        throw TurnFailure(
          "\(build.label): no \(wanted) in \(Figures.time(Double(limit.nanoseconds))), so it was killed"
            + quoted(lastWords),
          .hung
        )
      }
    }
  }

  /// How often it is looked at while it is silent, and how much it may write to standard error.
  private static let look: Duration = .milliseconds(200)
  private static let mostErrors = 64 << 20

  private func garbled(_ line: String) -> TurnFailure {
    end()
    return TurnFailure("\(build.label): answered '\(line.prefix(80))', which is no answer")
  }

  /// It has gone by itself.
  private func ended(_ when: String) -> TurnFailure {
    TurnFailure("\(build.label): \(mannerOfEnd()) \(when)\(quoted(lastWords))")
  }

  /// Waits for its end, and says whether that was a signal or a status of its own.
  private func mannerOfEnd() -> String {
    switch process.wait() {
    case .signal(let signal): "was ended by \(String(cString: strsignal(signal)))"
    case .status(let status): "ended with status \(status)"
    case nil: "has ended"
    }
  }

  /// Kills it, if it still lives.
  func end() { process.kill() }

  /// The end of what it wrote to standard error: at most three lines.
  private var lastWords: String {
    let length = lseek(errors.descriptor, 0, SEEK_END)
    guard length > 0 else { return "" }
    let start = max(0, length - 2048)
    var bytes = [UInt8](repeating: 0, count: Int(length - start))
    let count = pread(errors.descriptor, &bytes, bytes.count, start)
    guard count > 0 else { return "" }
    let text = String(decoding: bytes[..<count], as: UTF8.self)
    let lines = text.split(whereSeparator: \.isNewline).suffix(3)
    return lines.joined(separator: " | ").filter { $0 == " " || !$0.isWhitespace && $0 >= " " }
  }

  private func quoted(_ words: String) -> String { words.isEmpty ? "" : "; its last words: \(words)" }

  /// This process's, without the backtraces of Swift: they take seconds, and would be the last words.
  private static var environment: [String] {
    var variables: [String] = []
    var next = environ
    while let variable = next.pointee {
      let text = String(cString: variable)
      if !text.hasPrefix("SWIFT_BACKTRACE=") { variables.append(text) }
      next += 1
    }
    return variables + ["SWIFT_BACKTRACE=enable=no"]
  }
}
