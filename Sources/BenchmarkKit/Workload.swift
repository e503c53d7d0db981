/// One thing whose speed is measured, and what a right result of it is.
///
/// A workload is only a description: cheap to list, nothing allocated. ``makeSubject`` makes it ready to run.
public struct Workload: Sendable {
  /// A path such as `construct/linux/server-2s-1tib`. Recorded results are joined by it, so it does not change
  /// once recorded.
  public let name: String
  /// Why the workload exists, in one sentence.
  public let why: String
  /// The items, whatever the suite counts, that one call works through.
  public let itemsPerCall: Int
  /// The bytes of input that one call works through.
  public let bytesPerCall: Int
  /// What it is held against. Each is timed in the same rounds, so that their ratio holds on a busy machine.
  public let peers: [Peer]
  /// The series that it is a point of, if any.
  public let sweep: SweepPoint?
  /// Whether it is kept apart: its input is larger than some 50 MB, or a call takes longer than some 100 ms.
  ///
  /// Such workloads are set up, measured beside their own peers only, and released, one after the other. All
  /// others live at the same time, and their samples interleave.
  public let isLarge: Bool
  /// Whether subjects of it may run on several threads at once, each thread with a subject of its own.
  public let runsOnThreads: Bool
  /// Makes the input and the buffers that the calls will use. An error thrown here becomes the workload's outcome.
  public let makeSubject: @Sendable () throws -> Subject

  public init(
    _ name: String,
    why: String,
    itemsPerCall: Int,
    bytesPerCall: Int,
    peers: [Peer] = [],
    sweep: SweepPoint? = nil,
    isLarge: Bool = false,
    runsOnThreads: Bool = false,
    makeSubject: @escaping @Sendable () throws -> Subject
  ) {
    self.name = name
    self.why = why
    self.itemsPerCall = itemsPerCall
    self.bytesPerCall = bytesPerCall
    self.peers = peers
    self.sweep = sweep
    self.isLarge = isLarge
    self.runsOnThreads = runsOnThreads
    self.makeSubject = makeSubject
  }
}

/// A workload's place in a series of the same work on inputs of growing size.
public struct SweepPoint: Hashable, Sendable {
  /// What the workloads of the series have in common, usually the front of their names.
  public let name: String
  /// The size of the input, in whatever the series counts.
  public let size: Int

  public init(_ name: String, size: Int) {
    self.name = name
    self.size = size
  }
}
