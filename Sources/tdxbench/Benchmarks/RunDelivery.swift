import ArgumentParser
import BenchmarkKit
import Glibc
import Synchronization

/// Delivers the report of a run once: at its end, or, where that does not come soon after Ctrl-C, what was finished by then.
///
/// A step such as making a map of 10^7 regions takes seconds and cannot be left half-way. So a thread waits for the interruption,
/// gives the run a moment to end by itself, and else delivers in its place and ends the process.
final class RunDelivery: Sendable {
  private struct State {
    var finished: Report?
    var isTaken = false
  }

  private let state = Mutex(State())

  /// With the handling and the printing of a report that is less than the second that people wait.
  private static let grace = Duration.milliseconds(450)

  /// - Parameter deliver: called once, on this thread or another; what it throws ends the process as it would end the command.
  init(_ deliver: @escaping @Sendable (Report) throws -> Void) {
    self.deliver = deliver
    Interruption.after(Self.grace) { [self] in
      guard let report = take() else { return }
      var status = ExitCode.interrupted
      do {
        try deliver(report)
      } catch let failure as Failure {
        complain(failure.message)
        status = failure.exitCode
      } catch {
        status = error as? ExitCode ?? status
      }
      // Not exit(3): the run still works with what that would take away.
      _exit(status.rawValue)
    }
  }

  private let deliver: @Sendable (Report) throws -> Void

  /// Keeps what is finished so far.
  func handOver(_ report: Report) { state.withLock { $0.finished = report } }

  /// Waits for the end of the process where the other thread delivers already.
  func yield() {
    while state.withLock({ $0.isTaken }) { pause() }
  }

  /// Delivers the report of a run that is over.
  func deliver(_ report: Report) throws {
    let isTaken = state.withLock { state in
      defer { state.isTaken = true }
      return state.isTaken
    }
    while isTaken { pause() }
    try deliver(report)
  }

  /// What is finished, for the one who is to deliver it; nil where there is nothing yet or another does.
  private func take() -> Report? {
    state.withLock { state in
      guard !state.isTaken, let finished = state.finished else { return nil }
      state.isTaken = true
      return finished
    }
  }
}
