import TDXMemory
import TerminalText

/// What one of several inputs says of the memory, to tell whether they are of one machine.
///
/// Sources of one machine differ, and each is right: see `rules(_:_:_:)`. So only what none of those rules explains counts:
/// memory that one input has and another has not, although its own list goes on behind it.
struct Witness {
  private let name: String
  private let source: MapSource
  /// Whole pages at or above 1 MiB: ascending, disjoint, not empty.
  private let pages: [AddressRange]

  /// - Returns: nil where an input has no memory, or one that is not the machine's: mem= and memmap= change it, and Xen shares
  ///   it out.
  init?(_ findings: Findings, name: String) {
    guard !findings.isMapOfUser, !findings.isOfDom0, findings.memory[.xen] == nil else { return nil }
    self.name = name
    if let packed = findings.packed {
      source = .tdxmap
      pages = wholePages(ascending: packed.map.lazy.map(\.range))
    } else if let best = MapSource.allCases.first(where: { findings.memory[$0] != nil }),
      let memory = findings.memory[best]
    {
      source = best
      // What drivers add is no memory at boot.
      pages = wholePages(memory.list.entries.filter { !$0.flags.contains(.driverManaged) }.map(\.range))
    } else if let convertible = findings.convertible {
      source = .convertible
      pages = wholePages(convertible.ranges)
    } else {
      return nil
    }
    if pages.isEmpty { return nil }
  }

  /// What contradicts another input, as a sentence; nil where both may be of one machine.
  ///
  /// - Complexity: O(ranges of both).
  func contradiction(to other: Witness) -> String? {
    if pages == other.pages { return nil }
    let top = min(pages[pages.count - 1].end, other.pages[other.pages.count - 1].end)
    let mine = memory(below: top, notIn: other)
    let others = other.memory(below: top, notIn: self)
    let bytes = totalBytes(mine).addingSaturated(totalBytes(others))
    guard bytes >= tolerance(beside: other) || bytes > 0 && isManyTimes(other) else { return nil }
    let parts = [(self, mine), (other, others)].filter { !$0.1.isEmpty }.map {
      "memory by the \($0.0.source) of \($0.0.name) alone: \(summary($0.1))"
    }
    return
      "\(name) and \(other.name) contradict each other below \(hex(top)): \(parts.joined(separator: "; "))"
  }

  /// How much one of two right lists may have alone: what firmware's tables and the kernel take while it boots; what the BIOS
  /// keeps of convertible memory.
  private func tolerance(beside other: Witness) -> UInt64 {
    guard (source == .convertible) != (other.source == .convertible) else { return 64 << 20 }
    return max(4 << 30, min(totalBytes(pages), totalBytes(other.pages)) / 4)
  }

  /// Whether one has more than four times as much as the other, in lists of one kind or beside convertible memory, which a
  /// BIOS does not leave unused.
  private func isManyTimes(_ other: Witness) -> Bool {
    let (mine, others) = (totalBytes(pages), totalBytes(other.pages))
    return (source == other.source || source == .convertible || other.source == .convertible)
      && (mine / 4 > others || others / 4 > mine)
  }

  private func memory(below top: UInt64, notIn other: Witness) -> [AddressRange] {
    var others = other.pages
    if isOfBlocks {
      // Blocks cover the holes inside them.
      others = union(
        ascending: others.map {
          let start = $0.start.roundedDown(to: Self.largestBlock)
          return AddressRange(unchecked: start, $0.end.roundedUp(to: Self.largestBlock) ?? .max)
        }
      )
    }
    let mine = pages.prefix { $0.start < top }.map { AddressRange(unchecked: $0.start, min($0.end, top)) }
    let rest = subtract(others, from: mine)
    guard isOfRunningKernel != other.isOfRunningKernel else { return rest }
    // Whole sections came or went after boot.
    return rest.filter { !($0.start | $0.end).isMultiple(ofPowerOfTwo: 128 << 20) }
  }

  private static let largestBlock: UInt64 = 2 << 30

  private var isOfBlocks: Bool { source == .lsmem || source == .memoryBlocks }

  private var isOfRunningKernel: Bool { isOfBlocks || source == .memblock || source == .ioMemory }
}

/// Holds the inputs against each other as they come.
struct OneMachineCheck {
  private var witnesses: [Witness] = []
  private var board: (name: BoardName, file: String)?
  /// What differs and may do so on one machine.
  private(set) var notes: [String] = []

  /// - Throws: `badData` where an input contradicts an earlier one.
  mutating func add(_ findings: Findings, name: String) throws(InputError) {
    try addBoard(of: findings)
    guard let witness = Witness(findings, name: name) else { return }
    for earlier in witnesses {
      guard let contradiction = earlier.contradiction(to: witness) else { continue }
      throw Self.refusal(contradiction, file: name)
    }
    if witnesses.count < Self.mostWitnesses { witnesses.append(witness) }
  }

  /// A machine names the same board in every boot, whatever kernel it runs. Its BIOS may have been updated.
  private mutating func addBoard(of findings: Findings) throws(InputError) {
    guard let found = findings.board else { return }
    guard let board else {
      self.board = found
      return
    }
    if found.name.contradicts(board.name) {
      throw Self.refusal(
        "\(board.file) says `\(fitForTerminal(board.name.line))`, and \(found.file) says "
          + "`\(fitForTerminal(found.name.line))`",
        file: found.file
      )
    }
    if found.name.bios != board.name.bios && notes.isEmpty {
      notes.append(
        "\(board.file) and \(found.file) are of one machine with two versions of its BIOS: `\(board.name.bios)` and "
          + "`\(found.name.bios)`. Each may leave other memory to Linux."
      )
    }
  }

  private static func refusal(_ contradiction: String, file: String) -> InputError {
    InputError(
      kind: .badData,
      file: file,
      message:
        "\(contradiction). They are of different machines, it seems: `tdxbench fleet` plans many hosts. If they are "
        + "one machine, say --one-machine"
    )
  }

  /// One machine has a handful of inputs.
  private static let mostWitnesses = 32
}
