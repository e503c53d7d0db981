/// What all searches for one advice may take together, so that no machine takes long, whatever numbers are in it.
///
/// A step is one of the search for a cover, some ten nanoseconds; other work is counted as so many of them as it takes.
struct SearchBudget {
  /// Some hundredths of a second: the plans of `optimal` leave a third of them to the search for what to withhold.
  static var all: Int { 3 << 21 }

  /// What a plan of `optimal` may take: one with static and one with Dynamic PAMT are made.
  static var ofOptimalPlan: Int { 1 << 21 }

  /// A region that Linux plans with, and a TDMR that it makes: with all that a search does about them.
  static var perRegion: Int { 8 }
  static var perTDMR: Int { 8 }

  /// What was taken.
  private(set) var taken = 0
  /// Whether something was left out for want of steps.
  private(set) var isExceeded = false

  mutating func take(_ steps: Int) { taken += steps }

  var left: Int { max(0, Self.all - taken) }

  /// Whether there are so many steps left. Where there are not, something is left out.
  mutating func allows(_ steps: Int = 1) -> Bool {
    if steps <= left { return true }
    isExceeded = true
    return false
  }
}
