import MemoryHotplug
import TerminalText

/// What came of the lines of a script, for people.
public enum ScriptText {
  /// A line with its outcome beside it, and why below.
  public static func line(_ line: HotplugScript.Line, _ answer: HotplugAnswer, style: Style) -> String {
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
