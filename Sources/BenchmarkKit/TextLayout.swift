package enum Alignment { case left, right }

extension String {
  package func padded(to width: Int, _ alignment: Alignment) -> String {
    let blanks = String(repeating: " ", count: max(0, width - count))
    return alignment == .left ? self + blanks : blanks + self
  }

  /// At most `width` characters: the middle gives way, because the kind stands at the front of a name and what
  /// tells it from its neighbours at the end.
  package func shortened(to width: Int) -> String {
    guard count > width else { return self }
    let front = (width - 1) / 2
    return prefix(front) + "…" + suffix(width - 1 - front)
  }
}

/// `text` in lines of at most `width` characters, broken at blanks, all but the first indented by two. A longer
/// word stays whole.
package func wrapped(_ text: String, width: Int) -> String {
  var lines: [String] = []
  for word in text.split(whereSeparator: \.isWhitespace) {
    if let line = lines.last, line.count + 1 + word.count <= width {
      lines[lines.count - 1] = "\(line) \(word)"
    } else {
      lines.append(lines.isEmpty ? String(word) : "  \(word)")
    }
  }
  return lines.map { $0 + "\n" }.joined()
}

/// A word that a shell takes as it is, whatever is in it.
package func quotedForShell(_ word: String) -> String {
  "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
}
