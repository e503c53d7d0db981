/// Text in columns and lines of at most 80 characters.
enum Layout {
  static let width = 80
  /// Where the values of a labelled line start.
  static let labelWidth = 10

  /// `label` and text beside it, wrapped at spaces.
  static func labelled(_ label: String, _ text: String) -> String {
    let lines = wrapped(text, to: width - labelWidth)
    return lines.enumerated().map { index, line in
      padded(index == 0 ? label : "", labelWidth) + line
    }.joined(separator: "\n") + "\n"
  }

  /// Breaks at spaces; a word that is longer than the width stays whole.
  static func wrapped(_ text: String, to width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, visibleCount(line) + 1 + visibleCount(word) > width {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return lines + (line.isEmpty && !lines.isEmpty ? [] : [line])
  }

  /// The characters that take a column: colours take none.
  private static func visibleCount(_ text: some StringProtocol) -> Int {
    var isColour = false
    func isVisible(_ isEscape: Bool, _ isLast: Bool) -> Bool {
      if isEscape { isColour = true }
      defer { if isLast { isColour = false } }
      return !isColour
    }
    if isPlain(text) { return text.utf8.count { isVisible($0 == 0x1b, $0 == UInt8(ascii: "m")) } }
    return text.count { isVisible($0 == "\u{1b}", $0 == "m") }
  }

  /// The characters of a text. Bytes are counted where each is one: to find where characters end took a twelfth of all
  /// instructions of `plan` on a log of 100 KB (scripts/compare-start-up).
  private static func count(_ text: String) -> Int { isPlain(text) ? text.utf8.count : text.count }

  /// Whether each byte is a character.
  private static func isPlain(_ text: some StringProtocol) -> Bool {
    text.utf8.allSatisfy { $0 < 0x80 && $0 != UInt8(ascii: "\r") }
  }

  enum Alignment { case left, right }

  /// Columns as wide as their widest cell, one space apart.
  static func table(_ rows: [[String]], _ alignments: [Alignment]) -> [String] {
    let widths = alignments.indices.map { column in rows.map { count($0[column]) }.max() ?? 0 }
    return rows.map { row in
      let cells = row.indices.map { column in
        padded(row[column], widths[column], alignments[column])
      }
      var line = cells.joined(separator: " ")
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  static func padded(_ text: String, _ width: Int, _ alignment: Alignment = .left) -> String {
    let space = String(repeating: " ", count: max(0, width - count(text)))
    return alignment == .left ? text + space : space + text
  }
}
