/// A workload made ready: its inputs and buffers are allocated, and every call does the same work on them.
public struct Subject {
  /// Makes the call as often as it is told.
  ///
  /// The loop is the subject's own, so that a batch costs one indirect call however many calls it has, and the
  /// loop is compiled together with what it repeats.
  @usableFromInline package let run: (_ times: Int) -> Void
  /// Tells what is wrong with the result, in a sentence; nil where it is right. Runs before and after the timed
  /// batches, never inside one.
  @usableFromInline package let check: () -> String?
  /// The outcome that `check` expects, in a few words: `ok, 5 TDMRs`. Builds whose expectations differ do not do the
  /// same work, and are not compared. Empty where the workload says no more than its amounts per call.
  public private(set) var expectation = ""

  /// A subject whose one call is `call`.
  ///
  /// - Parameters:
  ///   - call: One unit of work. What it returns goes into the ``blackHole(_:)``. Where the work can fail, the
  ///     failure is an outcome to return, so that `check` can expect it.
  ///   - check: What is wrong with what `call` returned, or left in its buffers, in a sentence; nil where it is
  ///     right. It gets the result of a call of its own, made off the clock.
  /// - Complexity: the loop adds about 0.3 ns to a call: a jump, and the result's way to memory.
  @inlinable
  public init<Result>(call: @escaping () -> Result, check: @escaping (Result) -> String?) {
    self.run = { times in
      for _ in 0..<times { blackHole(call()) }
    }
    self.check = { check(call()) }
  }

  /// A subject that makes its calls in a loop of its own, for work too small for the other initialiser.
  ///
  /// - Parameters:
  ///   - run: Makes `times` calls, each of which the optimiser must neither merge nor drop: see
  ///     ``blackHole(_:)`` and ``opaque(_:)``.
  ///   - check: What is wrong with what the last call left; nil where it is right.
  @inlinable
  public init(run: @escaping (_ times: Int) -> Void, check: @escaping () -> String?) {
    self.run = run
    self.check = check
  }

  /// The same with words for what `check` expects: see ``expectation``.
  public func expecting(_ expectation: String) -> Subject {
    var copy = self
    copy.expectation = expectation
    return copy
  }
}
