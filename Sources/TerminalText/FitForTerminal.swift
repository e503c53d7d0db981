/// Text from an input, fit to be shown on a terminal: control characters, and with them escape sequences, marks that
/// turn the direction of writing, and line separators are shown as their code points, `\u{1B}`.
///
/// The only place where that is done; who prints what an input said asks here. Cost: O(n).
///
/// - Parameter limit: the most characters of the text that are kept; `…` says that there were more.
public func fitForTerminal(_ text: String, limit: Int = .max) -> String {
  if text.utf8.count <= limit, text.utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) { return text }
  var shown = ""
  for (count, scalar) in text.unicodeScalars.enumerated() {
    if count == limit { return shown + "…" }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned:
      shown += scalar.escaped(asASCII: true)
    default:
      shown.unicodeScalars.append(scalar)
    }
  }
  return shown
}
