import Glibc
import Synchronization
import TerminalText

/// One line on standard error that tells how far a run has come. Where standard error is not a terminal, or nobody wants to
/// see it, nothing.
public struct ProgressLine: Sendable {
  private static let isOff = Atomic(false)

  /// For all lines that are made from now on.
  public static func turnOff() { isOff.store(true, ordering: .relaxed) }

  /// Whether a line that is made now is to be seen.
  public static var isShown: Bool { !isOff.load(ordering: .relaxed) && isatty(STDERR_FILENO) == 1 }

  private let isTerminal: Bool
  private var nextUpdate = ContinuousClock.now

  /// - Parameter isQuiet: shows nothing, as where standard error is no terminal.
  public init(isQuiet: Bool = false) { isTerminal = !isQuiet && Self.isShown }

  /// Puts `progress` in the place of what stood there, at most ten times a second.
  public mutating func show(_ progress: Progress) { show(progress.step, timeLeft: progress.timeLeft) }

  /// The same for what is no run.
  ///
  /// - Parameter timeLeft: nil where nobody knows.
  public mutating func show(_ step: @autoclosure () -> String, timeLeft: Duration?) {
    guard isTerminal, ContinuousClock.now >= nextUpdate else { return }
    nextUpdate = .now + .milliseconds(100)
    let left = timeLeft.map { "\($0.components.seconds) s left" } ?? ""
    write("\r\u{1b}[K\(fitForTerminal(step()).prefix(78 - left.count))  \(left)")
  }

  /// Removes the line, once the run is over.
  public func clear() {
    if isTerminal { write("\r\u{1b}[K") }
  }

  /// Progress is not worth an error: what cannot be written is not shown.
  private func write(_ text: String) {
    var text = text
    text.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
