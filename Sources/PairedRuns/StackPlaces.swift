import CLinuxCalls
import RandomNumbers

/// Where the stacks of two builds lie within a page: at the same place in both, which is another one in each round.
///
/// What decides the pace of a process for its whole life is, more than anything else, where its stack lies beside its
/// heap within a page of 4 KiB: a load seems to wait for a store whose address has the same last 12 bits. Where chance
/// puts the stacks of both sides, one has drawn a good place and the other a bad one. Of 60 pairs of processes of one
/// build the ratios of `construct/linux/server-2s-1tib` had a standard deviation of 3.9 %; with fixed addresses and
/// stacks moved apart of 3.5 %, with fixed addresses and stacks moved alike of 0.9 %, 0.5 % by the median deviation.
/// A build whose own frames are laid out otherwise meets all places in the long run, so the places do not favour it.
///
/// Moved by a variable of the environment, for the kernel puts that above the stack. So older builds, which know
/// nothing of it, are moved as well.
struct StackPlaces: Hashable {
  /// The bytes of the variable's value, for each build.
  let padding: [Int]

  /// The same place for all builds, drawn from a page's.
  static func drawn(for builds: [Build], using random: inout SplitMix64) -> StackPlaces {
    StackPlaces(for: builds, place: Int.random(in: 0..<pageBytes / alignment, using: &random) * alignment)
  }

  /// - Parameter place: how far all stacks are moved, in bytes; a multiple of ``alignment``.
  init(for builds: [Build], place: Int) {
    let used = builds.map(Self.bytesAboveStack)
    let most = used.max() ?? 0
    padding = used.map { place + most - $0 }
  }

  /// The variable that moves a build's stack: `NAME=VALUE`.
  func variable(of side: Int) -> String {
    "TDXBENCH_STACK_PLACE=" + String(repeating: "-", count: padding[side])
  }

  /// What the kernel puts above the stack of a build and not of every one: its path, its arguments and the pointers to
  /// them.
  private static func bytesAboveStack(_ build: Build) -> Int {
    let words = build.arguments.reduce(0) { $0 + $1.utf8.count + 1 + MemoryLayout<UInt>.stride }
    return build.program.utf8.count + 1 + words
  }

  private static let pageBytes = 4096
  /// What the kernel aligns a stack to.
  private static let alignment = 16

  /// Starts programs at the same addresses each time.
  ///
  /// - Returns: false where the system does not allow that, as containers may; then they lie where chance puts them.
  static func withFixedAddresses<Failure>(_ start: () throws(Failure) -> Void) throws(Failure) -> Bool {
    let former = fix_addresses()
    defer { if former != -1 { restore_addresses(former) } }
    try start()
    return former != -1
  }
}
