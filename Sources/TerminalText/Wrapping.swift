/// `text` in lines of at most `width` columns, broken at blanks, all but the first behind `indent`. A longer word stays
/// whole.
///
/// - Returns: at least one line.
public func wrapped(_ text: String, to width: Int = screenWidth, indent: String = "") -> [String] {
  var lines: [String] = []
  var (line, columns) = ("", 0)
  for word in text.utf8.split(whereSeparator: isBlank).map(Substring.init) {
    let more = word.columnCount
    if line.isEmpty {
      (line, columns) = (String(word), more)
    } else if columns + 1 + more <= width {
      line += " " + word
      columns += 1 + more
    } else {
      lines.append(line)
      (line, columns) = (indent + word, indent.columnCount + more)
    }
  }
  return lines + [line]
}

/// `text` in lines of the screen's width, all but the first indented by two. Nothing for a text without words.
public func paragraph(_ text: String) -> String {
  let lines = wrapped(text, indent: "  ")
  return lines == [""] ? "" : lines.map { $0 + "\n" }.joined()
}

/// `label`, and `text` beside it in a column of its own, to the screen's width.
public func labelled(_ label: String, _ text: String) -> String {
  let lines = wrapped(text, to: screenWidth - labelWidth)
  return lines.enumerated().map { index, line in
    (index == 0 ? label : "").padded(to: labelWidth, .left) + line + "\n"
  }.joined()
}

/// A line that someone else wrote, such as a kernel: whole, because people and programs search for it, but on a terminal,
/// where it is broken at blanks.
///
/// - Parameters:
///   - indent: the columns before each row; the first row is without them, for what the caller puts there.
public func quoted(_ line: String, indent: Int, style: Style) -> [String] {
  guard let columns = style.columns, indent + line.columnCount > columns else { return [line] }
  let rows = wrapped(line, to: max(columns - indent, 1))
  let blanks = String(repeating: " ", count: indent)
  return rows.prefix(1) + rows.dropFirst().map { blanks + $0 }
}

/// Where the texts beside labels start.
private let labelWidth = 10

/// Whether a byte parts words: a blank, a tab, or what ends a line.
private func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || (0x09...0x0d).contains(byte) }
