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

  package init() {}

  /// No small plans.
  package static let inSteps = PlannerTuning(smallUpTo: 0, guessesNodesFrom: PlannerTuning().guessesNodesFrom)

  package init(smallUpTo: Int, guessesNodesFrom: Int, sharesFrom: Int = .max) {
    self.smallUpTo = smallUpTo
    self.guessesNodesFrom = guessesNodesFrom
    self.sharesFrom = sharesFrom
  }
}
