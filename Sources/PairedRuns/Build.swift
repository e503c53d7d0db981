/// A build of this program, as an executable.
public struct Build: Hashable, Sendable {
  /// What it is called in messages and tables: a revision, or the path as it was given.
  public var label: String
  public var program: String
  /// What makes it take turns.
  public var arguments: [String]
  /// More executables of the same code, which lies in other places in each.
  public var links: [String] = []

  public init(label: String, program: String, arguments: [String]) {
    self.label = label
    self.program = program
    self.arguments = arguments
  }
}

/// How two builds are compared: in rounds, each of which has a new pair of processes.
///
/// A process has a pace of its own, from its first call to its last: where its pages lie is drawn once. So many batches
/// of one pair of processes say precisely how fast these two are, and less about the builds; it takes several pairs.
/// What decides most of that pace is the same on both sides: see ``StackPlaces``.
public struct TurnPlan: Sendable {
  /// The most time for all workloads together, set-up and second runs included: it ends as soon as all are decided. Each
  /// gets ``fewestRounds`` whatever they cost.
  public var budget: Duration = .seconds(120)
  /// How many workloads are expected to need a second run, which is to have as much time as the first; if they are more,
  /// they share it.
  public var expectedChanges = 5
  /// The least share of the budget that is kept for second runs.
  public var leastShareOfSecondRuns = 0.2
  /// Rounds, at least and at most: fewer have no 95 % interval.
  public var fewestRounds = 6
  public var mostRounds = 2000
  /// How long a workload's turns in a round take, and how many pairs of batches they are at least.
  public var slice: Duration = .milliseconds(6)
  public var fewestPairs = 5
  /// How long a child may take to answer before it counts as hung.
  public var answerLimit: Duration = .seconds(60)
  /// Where the builds run, and this process while it asks: on one processor, taking turns, so that both meet the same
  /// neighbours on the other thread of its core; nil for wherever the system puts them.
  public var processor: Int? = Self.lastProcessor
  /// Where the second build runs, if not there too.
  public var otherProcessor: Int?
  /// Fixes the order of the turns.
  public var seed: UInt64 = 1

  public init() {}

  /// The time for the first run of so many workloads.
  func firstBudget(_ workloads: Int) -> Duration {
    let changes = Double(min(workloads, expectedChanges))
    return budget * (1 - max(leastShareOfSecondRuns, changes / max(Double(workloads) + changes, 1)))
  }

  /// The processors that ``processor`` may name: those that this process may run on.
  public static var possibleProcessors: [Int] { Processors.allowed }

  /// Interrupts mostly go to the first.
  private static let lastProcessor = Processors.allowed.last
}
