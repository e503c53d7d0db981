import Glibc
import SystemIO

/// How long the processors had worked up to a moment, for all programs and for this one.
///
/// The load average will not do: it remembers the minutes before, in which this program or another run of it may have
/// been the one that worked, and cannot tell this one's part from the others'.
struct ProcessorTime {
  /// Seconds, of all processors together.
  private let ofAll: Double
  /// Of this program and of its children that have ended.
  private let ofThis: Double
  private let moment: ContinuousClock.Instant

  /// - Parameter root: where /proc is.
  /// - Returns: nil where the system does not tell.
  init?(root: String = "") {
    // user, nice, system, idle, iowait, irq, softirq, steal, ...: what a guest does is in user, too.
    let words = SystemFile.contents(root + "/proc/stat")?.prefix { $0 != "\n" }.split(separator: " ") ?? []
    guard words.count > 7, words[0] == "cpu" else { return nil }
    let ticks = [1, 2, 3, 6, 7].compactMap { UInt64(words[$0]) }
    guard ticks.count == 5 else { return nil }
    ofAll = ticks.reduce(0) { $0 + Double($1) } / Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
    ofThis = [RUSAGE_SELF, RUSAGE_CHILDREN].reduce(0) { $0 + Self.seconds(of: $1.rawValue) }
    moment = .now
  }

  /// The processors that other programs kept busy since an earlier moment, on average; nil for less than a second, in
  /// which the system counts too few of its ticks.
  func busyElsewhere(since earlier: ProcessorTime) -> Double? {
    let (seconds, attoseconds) = earlier.moment.duration(to: moment).components
    let length = Double(seconds) + Double(attoseconds) / 1e18
    guard length >= 1 else { return nil }
    return max(0, (ofAll - earlier.ofAll - (ofThis - earlier.ofThis)) / length)
  }

  private static func seconds(of who: Int32) -> Double {
    var usage = rusage()
    guard getrusage(__rusage_who_t(who), &usage) == 0 else { return 0 }
    return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
  }
}
