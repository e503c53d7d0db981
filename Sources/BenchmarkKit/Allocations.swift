import CAllocationHooks

/// What some work asked of the allocator, on the thread that did it. A realloc shows as an allocation and a free.
public struct AllocationCounts: Hashable, Sendable {
  public var allocations: Int
  public var frees: Int
  /// The bytes asked for, not the allocator's rounded sizes.
  public var bytes: Int
  /// The most bytes that were allocated and not yet freed at any moment, beyond those at the start. What the
  /// allocator sets aside, so it may be more than was asked for.
  public var peakBytes: Int

  public init(allocations: Int, frees: Int, bytes: Int, peakBytes: Int) {
    self.allocations = allocations
    self.frees = frees
    self.bytes = bytes
    self.peakBytes = peakBytes
  }
}

/// The allocations of one call, as far as they could be counted.
public enum Allocations: Hashable, Sendable {
  /// Two passes in a row agreed on these counts.
  case exact(AllocationCounts)
  /// No two passes in a row agreed; these are the last one's.
  case unsteady(AllocationCounts)
  /// tcmalloc does not serve this process, as under the sanitizers: nothing can be counted.
  case unavailable
}

/// Counts allocations exactly, with gperftools' malloc hooks.
///
/// The hooks are installed only while something counts. They slow allocation down, so what is timed is timed apart.
public enum AllocationCounter {
  /// Whether allocations can be counted in this process.
  public static let isLive = allocation_hooks_are_live()

  /// What `work` allocates on this thread. Must not be called inside `work`.
  ///
  /// The first use of a generic type allocates its metadata: do the exact work once before.
  ///
  /// - Returns: nil where allocations cannot be counted.
  public static func count(_ work: () -> Void) -> AllocationCounts? {
    guard isLive, allocation_counting_begin() else { return nil }
    work()
    let counts = allocation_counting_end()
    return AllocationCounts(
      allocations: Int(counts.allocations),
      frees: Int(counts.frees),
      bytes: Int(counts.bytes),
      peakBytes: Int(counts.peak_bytes)
    )
  }

  /// What `work`, which must have been done once before, allocates each time: repeated until two passes in a row
  /// agree, at most `limit` times.
  public static func countUntilSteady(limit: Int = 10, _ work: () -> Void) -> Allocations {
    guard var last = count(work) else { return .unavailable }
    for _ in 1..<max(limit, 2) {
      guard let next = count(work) else { return .unavailable }
      if next == last { return .exact(next) }
      last = next
    }
    return .unsteady(last)
  }
}
