import TDXMemory

/// A scenario: one operation a line. `#` starts a comment; `# expect OUTCOME` at the end of a line makes it a test.
public struct HotplugScript: Hashable, Sendable {
  public struct Line: Hashable, Sendable {
    /// Counted from 1, comments and empty lines too.
    public var number: Int
    /// The operation as it is written, without the comment and blanks around it.
    public var text: String
    public var operation: HotplugOperation
    public var expected: HotplugOutcome?
  }

  public var lines: [Line] = []

  /// - Throws: `ScriptError` for the first line that says nothing known.
  public init(_ text: some StringProtocol) throws(ScriptError) {
    var number = 0
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      number += 1
      if let line = try Self.line(Substring(line), number) { lines.append(line) }
    }
  }

  /// - Returns: nil where there is no operation in the line.
  private static func line(_ text: Substring, _ number: Int) throws(ScriptError) -> Line? {
    let parts = text.split(separator: "#", omittingEmptySubsequences: false)
    let words = parts[0].split(whereSeparator: \.isWhitespace)
    guard let first = words.first, let last = words.last else { return nil }
    do throws(ScriptError.Reason) {
      return Line(
        number: number,
        text: String(parts[0][first.startIndex..<last.endIndex]),
        operation: try HotplugOperation(words: words),
        expected: try expected(parts.dropFirst())
      )
    } catch {
      throw ScriptError(line: number, text: String(text), reason: error)
    }
  }

  /// `expect OUTCOME`, with other comments around it or without; nil where they are about something else.
  private static func expected(_ comments: ArraySlice<Substring>) throws(ScriptError.Reason)
    -> HotplugOutcome?
  {
    for comment in comments {
      let words = comment.split(whereSeparator: \.isWhitespace)
      guard words.first == "expect" else { continue }
      guard words.count == 2, let outcome = HotplugOutcome(rawValue: String(words[1])) else {
        throw .expectation
      }
      return outcome
    }
    return nil
  }
}

/// A line of a script that says nothing known.
public struct ScriptError: Error, Hashable, Sendable {
  public var line: Int
  /// The line as it stands.
  public var text: String
  public var reason: Reason

  public init(line: Int, text: String, reason: Reason) {
    self.line = line
    self.text = text
    self.reason = reason
  }

  public enum Reason: Error, Hashable, Sendable {
    case unknown
    case usage(String)
    case block
    case node
    case range
    case rangeEndsFirst
    case rangeTooHigh
    case expectation
  }
}

extension ScriptError.Reason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unknown:
      "unknown operation; there are init-tdx, offline, online, add, remove, eject, auto-online, query, check-add, pin and unpin"
    case .usage(let usage): "this is written `\(usage)`"
    case .block: "the block is not a number below 2^64"
    case .node: "the node is not a number below 2^64"
    case .range: "the range is neither 0xSTART-0xEND nor START+SIZE, with numbers below 2^64"
    case .rangeEndsFirst: "the range ends before it starts"
    case .rangeTooHigh: "the range ends above 2^64 - 1"
    case .expectation:
      "`expect` is followed by one of " + HotplugOutcome.allCases.map(\.rawValue).joined(separator: ", ")
    }
  }
}
