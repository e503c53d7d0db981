/// Which way a plan takes. All ways make the same plans; tests set what is measured here.
package struct PlannerTuning: Sendable {
  /// Up to so many regions a plan under a module's limits is a `SmallPlan`: 8 regions take 171 ns in place of 220,
  /// 1024 regions 3.5 us in place of 3.15.
  package var smallUpTo = 256
  /// From so many regions on nodes are guessed: what a core has in caches of its own, some 1 MiB, no longer holds
  /// the regions until they are read again.
  package var guessesNodesFrom = 1 << 15
  /// From so many regions on, some 100 us of work, entries are written by several threads, if there are any.
  package var sharesFrom = 1 << 16

  package init() {}

  package init(smallUpTo: Int, guessesNodesFrom: Int, sharesFrom: Int = .max) {
    self.smallUpTo = smallUpTo
    self.guessesNodesFrom = guessesNodesFrom
    self.sharesFrom = sharesFrom
  }
}
