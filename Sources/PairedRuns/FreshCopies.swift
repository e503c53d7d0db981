import BenchmarkKit
import Glibc
import RandomNumbers
import SystemIO

/// From where the processes of a round are started: from copies of the builds in memory, which are made anew again and
/// again, so that the pages of their code lie elsewhere.
///
/// A file has one place in memory for as long as the system keeps it there, and that place has a pace of its own: of 109
/// copies of one build on a disk, four were slower or faster than it by 0.5 to 4.3 % in one of five workloads, in every
/// process and in a second run; once the pages of the code were read anew, by nothing. So rounds that all start the same
/// two files say precisely how these two copies differ. Copies in memory differ less from each other, for their pages are
/// single ones, and what is left averages out.
///
/// Where a build has several links (``Build/links``), every round draws one, whatever the copies cost.
final class FreshCopies {
  private let builds: [Build]
  /// The executables of each build, opened: one that is built anew meanwhile is not mixed in. nil where rounds start files.
  private var sources: [[Source]]?
  private var copies: [MemoryFile] = []
  /// What a round starts: builds whose programs are the copies.
  private var current: [Build]
  /// Since when, and how much of it went into copies.
  private var begin = ContinuousClock.now
  private var copying: Duration = .zero
  /// Why files are started and not copies of them, as a sentence; nil where copies are.
  private(set) var note: String?

  /// The part of the time that may go into copies. One takes some 40 ms, and 12 ms to release; a round takes 30 ms with one
  /// workload, 80 with five.
  private static let share = 0.2

  init(of builds: [Build]) {
    self.builds = builds
    current = builds
    do throws(Unsuitable) {
      var all: [[Source]] = []
      for build in builds {
        var own: [Source] = []
        for program in [build.program] + build.links { own.append(try Source(program, build.label)) }
        all.append(own)
      }
      sources = all
    } catch {
      giveUp(error.why)
    }
  }

  /// Whether the builds are started from copies.
  var areMade: Bool { sources != nil }

  /// From now on the files themselves are started.
  func giveUp(_ why: String) {
    sources = nil
    copies = []
    current = builds
    note =
      "\(why), so the files themselves are started: where they lie in memory is the same in every round, and may be some "
      + "percent of a ratio."
  }

  /// Lets the next round have new copies, whatever they cost: a second run is to be independent of the first.
  func startOver() {
    copies = []
    (begin, copying) = (.now, .zero)
  }

  /// The builds as the next round is to start them. Those of the round before are gone.
  func next(using random: inout SplitMix64) -> [Build] {
    guard let sources else {
      current = builds.map { build in
        var drawn = build
        drawn.program = ([build.program] + build.links).randomElement(using: &random)!
        return drawn
      }
      return current
    }
    let start = ContinuousClock.now
    let isDue = copying < begin.duration(to: start) * Self.share
    guard copies.isEmpty || isDue || sources.contains(where: { $0.count > 1 }) else { return current }
    // The old ones first: there is to be room for one pair.
    copies = []
    do throws(SystemError) {
      for (side, own) in sources.enumerated() {
        let copy = try own.randomElement(using: &random)!.copy()
        copies.append(copy)
        current[side].program = copy.path
      }
      copying += start.duration(to: .now)
    } catch {
      giveUp("The builds cannot be copied into memory (\(error.reason))")
    }
    return current
  }

  private struct Unsuitable: Error { let why: String }

  /// An executable that copies are made of.
  private final class Source {
    private let descriptor: Int32
    private let parts: [Range<Int>]

    init(_ path: String, _ label: String) throws(Unsuitable) {
      do throws(SystemError) {
        descriptor = try openForReading(path, flags: O_NONBLOCK | O_NOCTTY)
      } catch {
        throw Unsuitable(why: "\(label) cannot be read (\(error.reason))")
      }
      var front = [UInt8](repeating: 0, count: Self.frontBytes)
      let count = pread(descriptor, &front, front.count, 0)
      front.removeLast(front.count - max(count, 0))
      let size = Int(lseek(descriptor, 0, SEEK_END))
      guard let parts = ExecutableParts(front, size: size)?.started else {
        close(descriptor)
        throw Unsuitable(why: "\(label) is no executable that can be copied (64-bit ELF)")
      }
      self.parts = parts
    }

    deinit { close(descriptor) }

    func copy() throws(SystemError) -> MemoryFile { try MemoryFile(copying: parts, of: descriptor) }

    /// The program headers stand at the front.
    private static let frontBytes = 1 << 16
  }
}
