import BenchmarkKit
import Glibc
import Synchronization

/// Tells on a terminal what a command is busy with and how long that takes still, once it has taken a second.
///
/// Those who work only say what they begin. A thread looks ten times a second how far it has come, by what the kernel counts of
/// this process (`ProcessCounts`): no loop over lines or regions has to tell, and nothing is slower where nobody looks. Where
/// standard error is no terminal, or somebody wants quiet, there is no thread and no line.
enum ProgressWatch {
  private struct Step {
    var words: String
    var start: ContinuousClock.Instant
    var share: @Sendable (Duration) -> Double?
  }

  private struct State {
    var line: ProgressLine?
    var step: Step?
    var isStanding = false
    /// Once results stand on the terminal nothing more is said.
    var hasEnded = false
  }

  private static let state = Mutex(State())

  /// What is shorter needs no words.
  private static let patience = Duration.seconds(1)

  /// - Parameters:
  ///   - words: what begins, in the place of what was said before.
  ///   - start: when the work began of which `share` is told.
  ///   - share: how much of it is done, 0 to 1, after so long; nil where that cannot be known. Called by another thread.
  static func begin(
    _ words: @autoclosure () -> String,
    since start: ContinuousClock.Instant = .now,
    share: @escaping @Sendable (Duration) -> Double? = { _ in nil }
  ) {
    guard ProgressLine.isShown else { return }
    let step = Step(words: words(), start: start, share: share)
    let isFirst = state.withLock { state in
      guard !state.hasEnded else { return false }
      state.step = step
      guard state.line == nil else { return false }
      state.line = ProgressLine()
      return true
    }
    if isFirst { startThread() }
  }

  /// Takes the line away, for good: before anything else is written on the terminal, and at the end.
  static func end() {
    state.withLock { state in
      if state.isStanding { state.line?.clear() }
      (state.hasEnded, state.isStanding, state.step) = (true, false, nil)
    }
  }

  private static func startThread() {
    var thread = pthread_t()
    let status = pthread_create(
      &thread,
      nil,
      { _ in
        ProgressWatch.watch()
        return nil
      },
      nil
    )
    // Without it there is no progress, and all else is as it was.
    if status == 0 { pthread_detach(thread) }
  }

  private static func watch() {
    usleep(UInt32(patience / .microseconds(1)))
    while state.withLock({ show(&$0) }) { usleep(100_000) }
  }

  /// - Returns: whether there is more to come.
  private static func show(_ state: inout State) -> Bool {
    guard !state.hasEnded else { return false }
    guard let step = state.step else { return true }
    state.isStanding = true
    let elapsed = ContinuousClock.now - step.start
    // What is all but done may take any time still: the rest is not in what is counted.
    if let share = step.share(elapsed), share > 0, share < 0.99 {
      state.line?.show(step.words, timeLeft: elapsed * ((1 - share) / share))
    } else {
      state.line?.show("\(step.words), \(elapsed.components.seconds) s so far", timeLeft: nil)
    }
    return true
  }
}

extension ProgressWatch {
  /// Files are read. They are copied at once, and nothing tells how far their lines are.
  static func beginReading(_ files: [String], name: String) {
    begin("reading \(name)", expecting: .seconds(Double(ProcessCounts.bytes(of: files)) / 100e6))
  }

  /// Bytes are written, so many in the end.
  static func beginWriting(_ name: String, expecting bytes: Double) {
    guard let before = ProcessCounts.written else { return begin("writing \(name)") }
    begin("writing \(name)") { _ in
      ProcessCounts.written.map { Double($0 - min($0, before)) / max(bytes, 1) }
    }
  }

  /// Work of which the time is known about, on a machine of 2026: the line counts down, and says how long it has been where it takes longer.
  static func begin(_ words: @autoclosure () -> String, expecting time: Duration) {
    begin(words()) { $0 / time }
  }
}
