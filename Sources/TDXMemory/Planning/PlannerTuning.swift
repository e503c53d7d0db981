/// Which way a plan takes. All ways make the same plans; tests set what is measured here.
package struct PlannerTuning: Sendable {
  /// Up to so many regions a plan under a module's limits is a small one. Beyond, the holes are no longer in the caches
  /// when they are written, and regions that touch had better be passed over eight at a time.
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
