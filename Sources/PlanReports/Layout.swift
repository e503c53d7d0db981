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
    return text.count { character in
      if character == "\u{1b}" { isColour = true }
      defer { if character == "m" { isColour = false } }
      return !isColour
    }
  }

  enum Alignment { case left, right }

  /// Columns as wide as their widest cell, one space apart.
  static func table(_ rows: [[String]], _ alignments: [Alignment]) -> [String] {
    let widths = alignments.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.indices.map { column in
        padded(row[column], widths[column], alignments[column])
      }
      let line = cells.joined(separator: " ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }

  static func padded(_ text: String, _ width: Int, _ alignment: Alignment = .left) -> String {
    let space = String(repeating: " ", count: max(0, width - text.count))
    return alignment == .left ? text + space : space + text
  }
}
