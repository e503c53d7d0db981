/// The memory that PAMTs can be placed in, in the order in which a placement model tries it.
///
/// An *arena* is memory of one node that a PAMT may come from: a region (`top`, `bottom`), or a run of touching
/// regions within one zone (`firstFit`). Arenas stand by ascending node, and within a node in the order in which
/// the model tries them, so that "the preferred node, else the others in ascending order" is two searches for the
/// first arena with room.
///
/// All numbers are page frames.
struct FreeMemory: ~Copyable {
  /// Free memory of an arena, `[start, end)`. Only `firstFit` breaks an arena into several runs.
  struct Run: BitwiseCopyable {
    var start: UInt64
    var end: UInt64
    /// The next run of the arena, which lies above; -1 after the last one.
    var next: Int
  }

  /// Arenas that stand side by side. (`Range` is not bitwise copyable.)
  struct ArenaRange: BitwiseCopyable, Equatable {
    var first: Int
    var end: Int
  }

  /// The arenas of a node.
  struct NodeArenas: BitwiseCopyable {
    var node: UInt32
    var arenas: ArenaRange
  }

  /// Where the last search of these arenas for so many pages ended. Memory is only ever taken, so what stands
  /// before that place will never hold this many pages. Entries overwrite each other: it is a cache.
  struct Resume: BitwiseCopyable {
    var build: Int
    var arenas: ArenaRange
    var pages: UInt64
    var arena: Int
    var run: Int
  }

  var placement = Placement.firstFit
  /// No request is for less; what is smaller is forgotten.
  var minimumPages: UInt64 = 0
  /// The most that one run of each arena can hold: exact for an arena of one run, else an upper bound.
  var room = Pyramid()
  /// The first run of an arena stands at the arena's index.
  var runs = Scratch<Run>()
  var runCount = 0
  var arenaCount = 0
  /// For `firstFit`: the first page of the arena's node in the arena's zone.
  var zoneStarts = Scratch<UInt64>()
  var nodes = Scratch<NodeArenas>()
  var nodeCount = 0
  var resumes = Scratch<Resume>()
  /// Tells the entries of `resumes` that are of this build from older ones.
  var build = 0
  var order = Scratch<KeyedIndex>()
  var spareOrder = Scratch<KeyedIndex>()

  static let resumeSlots = 256

  init() {
    resumes.reserve(Self.resumeSlots)
    resumes.base.initialize(
      repeating: Resume(build: 0, arenas: ArenaRange(first: 0, end: 0), pages: 0, arena: 0, run: 0),
      count: Self.resumeSlots
    )
  }

  /// Makes room for a memory list of so many regions and a plan of so many TDMRs.
  mutating func reserve(regions: Int, tdmrs: Int) {
    let arenas = regions + 2  // The regions over 16 MiB and over 4 GiB lie in two zones each.
    room.reserve(arenas)
    runs.reserve(arenas + tdmrs)  // Each PAMT breaks at most one run in two.
    zoneStarts.reserve(arenas)
    nodes.reserve(regions)
    order.reserve(regions)
    spareOrder.reserve(regions)
  }
}
