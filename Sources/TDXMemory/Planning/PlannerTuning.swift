/// Which way a plan takes. All ways make the same plans; tests set what is measured here.
package struct PlannerTuning: Sendable {
  /// Up to so many regions a plan under a module's limits is a small one. Where holes lie between regions, 16 in a GiB, it
  /// takes 0.72 of the instructions of a large one with 64 regions, 0.81 with 1024, and 0.82 with 4096 as with 16384: it
  /// would not have to end here, but beyond what the caches hold instructions say little. Where regions touch it takes
  /// 0.98 with 64, 1.4 with 256 and 1.6 with 1024, since a large plan passes over eight at a time; no host has so many.
  package var smallUpTo = 1 << 12
  /// From so many regions on nodes are guessed: what a core has in caches of its own, some 1 MiB, no longer holds
  /// the regions until they are read again.
  package var guessesNodesFrom = 1 << 15
  /// From so many regions on, some 100 us of work, entries are written by several threads, if there are any.
  package var sharesFrom = 1 << 16

  /// So many runs of free memory may be walked over in a plan before trees are built of the lists: what all walks take by
  /// then is less than a millisecond, and no machine so far comes to it.
  package var walksUpTo = 1 << 14
  /// From so many nodes on a tree tells which of them may have room for a PAMT.
  package var manyNodes = 64

  package init() {}

  /// Trees wherever lists would be walked.
  package static var withTrees: PlannerTuning {
    var tuning = PlannerTuning()
    (tuning.walksUpTo, tuning.manyNodes) = (0, 1)
    return tuning
  }

  /// No small plans.
  package static let inSteps = PlannerTuning(smallUpTo: 0, guessesNodesFrom: PlannerTuning().guessesNodesFrom)

  package init(smallUpTo: Int, guessesNodesFrom: Int, sharesFrom: Int = .max) {
    self.smallUpTo = smallUpTo
    self.guessesNodesFrom = guessesNodesFrom
    self.sharesFrom = sharesFrom
  }
}
