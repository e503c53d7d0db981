import MemoryHotplug
import TerminalText

/// What came of the lines of a script, for people and for programs.
public enum HotplugScriptReport {
  public static let csvHeader = "line,op,outcome,why\n"

  /// A line as a row of CSV; what has commas is quoted.
  public static func csv(_ line: HotplugScript.Line, _ answer: HotplugAnswer) -> String {
    let cells = ["\(line.number)", line.text, answer.outcome.rawValue, answer.description]
    return cells.map(quoted).joined(separator: ",") + "\n"
  }

  private static func quoted(_ cell: String) -> String {
    cell.contains { $0 == "," || $0 == "\"" }
      ? "\"" + cell.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
      : cell
  }

  /// A line with its outcome beside it, and why below.
  public static func text(_ line: HotplugScript.Line, _ answer: HotplugAnswer, style: Style) -> String {
    let outcome = answer.outcome.rawValue
    let differs = line.expected.map { $0 != answer.outcome } ?? false
    let ink: Style.Ink = differs ? .red : answer.outcome.isRefusal ? .yellow : .green
    let number = "\(line.number)".padded(to: 4, .right)
    let mark = differs ? " (expected \(line.expected?.rawValue ?? ""))" : ""
    var text = "\(number)  \(line.text.padded(to: 44, .left)) \(style.paint(outcome, ink))\(mark)\n"
    for row in wrapped(answer.description, to: screenWidth - 8) { text += "        \(row)\n" }
    return text
  }
}

extension HotplugOutcome {
  /// Whether it is an errno.
  var isRefusal: Bool {
    switch self {
    case .ok, .entry, .union, .partly, .outside: false
    default: true
    }
  }
}
