import BenchmarkKit

// What two builds are asked, and what they answer, over pipes: a line each. A build that is compared may be older or
// newer than the one that asks, so the first line of a child names the version, and a change to what follows takes
// the next number.
//
//   (start)          tdxbench-turns 1 release
//   list             workload NAME SMALL|LARGE, for each workload, then: end
//   prepare NAME     ready CALLS ITEMS BYTES ALLOCATIONS ALLOCATED EXPECTATION, or: wrong REASON
//   run CALLS        took NANOSECONDS
//   check            right, or: wrong REASON
//   (end of input)   the child ends

/// What a child says first.
struct Greeting: Hashable {
  static let name = "tdxbench-turns"
  static let currentVersion = 1

  var version: Int
  /// `release` or `debug`.
  var configuration: String

  static let current: Greeting = {
    #if DEBUG
      Greeting(version: currentVersion, configuration: "debug")
    #else
      Greeting(version: currentVersion, configuration: "release")
    #endif
  }()

  var line: String { "\(Self.name) \(version) \(configuration)" }

  init(version: Int, configuration: String) {
    self.version = version
    self.configuration = configuration
  }

  init?(_ line: String) {
    let words = words(of: line)
    guard words.count == 3, words[0] == Self.name, let version = Int(words[1]) else { return nil }
    self.init(version: version, configuration: String(words[2]))
  }
}

/// A workload as a build lists it.
struct ListedWorkload: Hashable {
  var name: String
  /// Whether it is kept apart for its size: see ``Workload/isLarge``.
  var isLarge: Bool

  var line: String { "workload \(name) \(isLarge ? "large" : "small")" }

  init(name: String, isLarge: Bool) {
    self.name = name
    self.isLarge = isLarge
  }

  init?(_ line: String) {
    let words = words(of: line)
    guard words.count == 3, words[0] == "workload", words[2] == "large" || words[2] == "small" else {
      return nil
    }
    self.init(name: String(words[1]), isLarge: words[2] == "large")
  }
}

/// A workload that is set up, and right so far.
struct PreparedWorkload: Hashable {
  /// The calls that fill a batch.
  var calls: Int
  var itemsPerCall: Int
  var bytesPerCall: Int
  /// Of one call; nil where they could not be counted or are not the same each time.
  var allocations: Int?
  var allocatedBytes: Int?
  /// See ``Subject/expectation``.
  var expectation: String

  var line: String {
    let figures = [
      "\(calls)", "\(itemsPerCall)", "\(bytesPerCall)", allocations.map { "\($0)" } ?? "-",
      allocatedBytes.map { "\($0)" } ?? "-",
    ]
    return "ready \(figures.joined(separator: " ")) \(oneLine(expectation))"
  }

  init(_ workload: Workload, calls: Int, _ allocations: Allocations, expectation: String) {
    self.calls = calls
    itemsPerCall = workload.itemsPerCall
    bytesPerCall = workload.bytesPerCall
    if case .exact(let counts) = allocations {
      self.allocations = counts.allocations
      allocatedBytes = counts.bytes
    }
    self.expectation = expectation
  }

  init?(_ line: String) {
    let words = words(of: line, most: 7, keepsEmpty: true)
    // What is no count, or not known as one, makes no comparison: the other side would be asked for as many calls.
    guard words.count == 7, words[0] == "ready", let calls = Int(words[1]), 1...Trial.mostCalls ~= calls,
      let items = Int(words[2]), items >= 0, let bytes = Int(words[3]), bytes >= 0,
      let allocations = Self.count(words[4]), let allocatedBytes = Self.count(words[5])
    else { return nil }
    self.calls = calls
    itemsPerCall = items
    bytesPerCall = bytes
    self.allocations = allocations
    self.allocatedBytes = allocatedBytes
    expectation = String(words[6])
  }

  /// A count, or `-` for one that is not known; nil for anything else.
  private static func count(_ word: Substring) -> Int?? {
    if word == "-" { return .some(nil) }
    return Int(word).flatMap { $0 < 0 ? nil : .some($0) }
  }

  /// All that must be the same on both sides: what is expected, and of how much input.
  var work: String {
    let amounts = "\(itemsPerCall) items, \(bytesPerCall) bytes"
    return expectation.isEmpty ? amounts : "\(expectation); \(amounts)"
  }
}

/// The words of a line. A blank is a byte: with a mark behind it, which a sentence may begin with, it is another character.
func words(of line: String, most: Int = .max, keepsEmpty: Bool = false) -> [Substring] {
  line.utf8.split(
    separator: UInt8(ascii: " "),
    maxSplits: most - 1,
    omittingEmptySubsequences: !keepsEmpty
  ).map(Substring.init)
}

/// A sentence without line ends, which would end the answer.
func oneLine(_ text: String) -> String {
  text.split(whereSeparator: \.isNewline).joined(separator: " ")
}

/// Answers, for those who make wrong ones.
package enum TurnAnswers {
  /// Reads a line as each kind of answer, and says whether what it reads stays as it is when it is written and read again.
  package static func survive(_ line: String) -> Bool {
    let lines: [(written: String?, again: (String) -> String?)] = [
      (Greeting(line)?.line, { Greeting($0)?.line }),
      (ListedWorkload(line)?.line, { ListedWorkload($0)?.line }),
      (PreparedWorkload(line)?.line, { PreparedWorkload($0)?.line }),
    ]
    return lines.allSatisfy { written, again in written.map { again($0) == $0 } ?? true }
  }
}
