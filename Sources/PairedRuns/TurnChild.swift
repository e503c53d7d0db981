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
    /// Nobody waits for it any longer.
    case interrupted
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
  private let errors: LastWords
  private let channel: LineChannel
  private let limit: Duration
  private let isInterrupted: () -> Bool

  /// Starts a build; it is to be greeted before anything else is asked.
  ///
  /// - Parameters:
  ///   - limit: how long an answer may take.
  ///   - variable: one more of the environment.
  ///   - isInterrupted: asked now and then while it is waited for. Once it is true, that is a failure.
  /// - Throws: `TurnFailure` where it does not start.
  init(_ build: Build, limit: Duration, variable: String, isInterrupted: @escaping () -> Bool)
    throws(TurnFailure)
  {
    self.build = build
    self.limit = limit
    self.isInterrupted = isInterrupted
    let (requests, answers, complaints): (Pipe, Pipe, Pipe)
    do throws(SystemError) {
      (requests, answers, complaints) = (try Pipe(), try Pipe(), try Pipe())
    } catch {
      throw TurnFailure("\(build.label): \(build.program) cannot be started: \(error.reason)")
    }
    errors = LastWords(reading: complaints.reading, limit: Self.mostErrors)
    // The name lies on the stack, and paths of two lengths would move what stands there. A group of its own: Ctrl-C
    // is for the one who asks, and ends the children by the end of their input.
    let process = RunningProcess(
      build.program,
      ["tdxbench"] + build.arguments,
      input: requests.reading,
      output: answers.writing,
      errors: complaints.writing,
      environment: Self.environment + [variable],
      isGroup: true
    )
    for descriptor in [requests.reading, answers.writing, complaints.writing] { close(descriptor) }
    guard let process else {
      for descriptor in [requests.writing, answers.reading] { close(descriptor) }
      throw TurnFailure("\(build.label): \(build.program) cannot be started")
    }
    self.process = process
    input = requests.writing
    output = answers.reading
    // A request that is not read must not be waited for longer than its answer.
    _ = fcntl(input, F_SETFL, O_NONBLOCK)
    channel = LineChannel(reading: output, writing: input, aside: errors)
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
    switch try read("greeting", until: .now + limit) {
    case .line(let line): said = Greeting(line)
    case .end: manner = " (\(mannerOfEnd()))"
    case .silence, .tooLong, .flood: break
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

  /// The workloads that it knows. All of the list has the time of one answer.
  func list() throws(TurnFailure) -> [ListedWorkload] {
    var workloads: [ListedWorkload] = []
    var bytes = 0
    let deadline = ContinuousClock.now + limit
    try send("list", until: deadline)
    while true {
      let line = try receive("list", until: deadline)
      if line == "end" { return workloads }
      guard let workload = ListedWorkload(line) else { throw garbled(line) }
      bytes += line.utf8.count
      guard workloads.count < Self.mostWorkloads, bytes <= Self.mostBytesOfList else {
        throw garbled("a list without an end")
      }
      workloads.append(workload)
    }
  }

  private static let mostWorkloads = 10_000
  private static let mostBytesOfList = 4 << 20

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
    let deadline = ContinuousClock.now + limit
    try send(request, until: deadline)
    return try receive(request, until: deadline)
  }

  private func send(_ request: String, until deadline: ContinuousClock.Instant) throws(TurnFailure) {
    switch channel.write(request, until: deadline) {
    case .sent: break
    case .gone: throw ended("before `\(Self.short(request))`")
    case .late: throw hung("answer to `\(Self.short(request))`")
    case .flood: throw flooded()
    }
  }

  private func receive(_ request: String, until deadline: ContinuousClock.Instant) throws(TurnFailure)
    -> String
  {
    switch try read("answer to `\(Self.short(request))`", until: deadline) {
    case .line(let line): return line
    case .end: throw ended("at `\(Self.short(request))`")
    case .tooLong, .silence, .flood: throw garbled("a line without an end")
    }
  }

  /// What it says next, or that it has ended.
  ///
  /// - Parameters:
  ///   - wanted: what is waited for.
  ///   - deadline: of the whole answer, however many lines it has.
  /// - Throws: `TurnFailure` where it does not say it in time, says too much to standard error meanwhile, or nobody waits
  ///   any longer. Then it is killed.
  private func read(
    _ wanted: @autoclosure () -> String,
    until deadline: ContinuousClock.Instant
  ) throws(TurnFailure) -> LineChannel.Reading {
    // A side that drips is always ready.
    var reading = LineChannel.Reading.silence
    while reading == .silence, ContinuousClock.now < deadline {
      reading = channel.read(until: min(deadline, .now + Self.attention))
      if reading == .silence, isInterrupted() {
        end()
        throw TurnFailure("\(build.label): interrupted while it worked", .interrupted)
      }
    }
    switch reading {
    case .silence: throw hung(wanted())
    case .flood: throw flooded()
    case .line, .end, .tooLong: return reading
    }
  }

  /// How often an interruption is looked for.
  private static let attention = Duration.milliseconds(100)

  private func hung(_ wanted: String) -> TurnFailure {
    end()
    return TurnFailure(
      "\(build.label): no \(wanted) in \(Figures.time(Double(limit.nanoseconds))), so it was killed"
        + quoted(lastWords),
      .hung
    )
  }

  private func flooded() -> TurnFailure {
    end()
    return TurnFailure(
      "\(build.label): wrote over \(Self.mostErrors >> 20) MiB to standard error, so it was killed"
        + quoted(lastWords)
    )
  }

  /// How much it may write to standard error.
  private static let mostErrors = 64 << 20

  /// A name is what a side says it is, and may be long.
  private static func short(_ request: String) -> String {
    request.utf8.count <= 200 ? request : request.prefix(200) + "…"
  }

  private func garbled(_ line: String) -> TurnFailure {
    end()
    return TurnFailure("\(build.label): answered '\(line.prefix(80))', which is no answer")
  }

  /// It has gone by itself.
  private func ended(_ when: String) -> TurnFailure {
    TurnFailure("\(build.label): \(mannerOfEnd()) \(when)\(quoted(lastWords))")
  }

  /// How it ended, once it says nothing more: by a signal, with a status of its own, or not by itself at all.
  private func mannerOfEnd() -> String {
    switch process.end(after: min(limit, .seconds(1))) {
    case .signal(let signal): "was ended by \(String(cString: strsignal(signal)))"
    case .status(let status): "ended with status \(status)"
    case nil: "closed its standard output and went on, so it was killed,"
    }
  }

  /// Kills it and all that it started, if they still live.
  func end() { process.end() }

  /// The end of what it wrote to standard error: at most three lines.
  private var lastWords: String {
    errors.takeIn()
    return errors.text.filter { $0 == " " || !$0.isWhitespace && $0 >= " " }
  }

  private func quoted(_ words: String) -> String { words.isEmpty ? "" : "; its last words: \(words)" }

  /// This process's, without the backtraces of Swift: they take seconds, and would be the last words.
  private static var environment: [String] {
    ownEnvironment.filter { !$0.hasPrefix("SWIFT_BACKTRACE=") } + ["SWIFT_BACKTRACE=enable=no"]
  }
}
