import BenchmarkKit

/// Rows of text in columns, as narrow as their cells: a head, and two blanks between columns.
struct TextTable {
  struct Column {
    var head: String
    var isLeft = false
    /// Longer cells lose their middle.
    var widest = 80
  }

  let columns: [Column]
  private(set) var rows: [[String]] = []

  init(_ columns: [Column]) { self.columns = columns }

  mutating func append(_ cells: [String]) {
    rows.append(zip(columns, cells).map { $1.shortened(to: $0.widest) })
  }

  var text: String {
    let all = [columns.map(\.head)] + rows
    let widths = columns.indices.map { index in all.map { $0[index].count }.max() ?? 0 }
    return all.map { cells in
      var line = cells.indices.map { index in
        cells[index].padded(to: widths[index], columns[index].isLeft ? .left : .right)
      }.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}

/// The same as a Markdown table.
struct MarkdownTable {
  private let head: [String]
  private let alignments: [String]
  private var rows: [[String]] = []

  /// - Parameter columns: left aligned or not.
  init(_ columns: [(head: String, isLeft: Bool)]) {
    head = columns.map(\.head)
    alignments = columns.map { $0.isLeft ? "---" : "--:" }
  }

  mutating func append(_ cells: [String]) { rows.append(cells) }

  var text: String {
    ([head, alignments] + rows).map { "| \($0.joined(separator: " | ")) |\n" }.joined()
  }
}
