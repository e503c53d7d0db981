import TerminalText

/// A line of an answer, whatever it is shown on.
public enum AnswerLine: Hashable, Sendable {
  /// A sentence, and what it is about; without a label it goes on from the line before.
  case said(label: String, text: String)
  /// What is copied from here, as it is: a line of a log, kernel parameters.
  case verbatim(String)

  /// For a screen.
  var text: String {
    switch self {
    case .said(let label, let text): labelled(label, text)
    case .verbatim(let line): "  \(line)\n"
    }
  }
}

extension [AnswerLine] {
  var text: String { map(\.text).joined() }
}
