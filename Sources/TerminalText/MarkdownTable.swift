/// Rows of cells as a table of Markdown. What is in a cell is Markdown: see ``Markdown/escaped(_:)``.
public struct MarkdownTable {
  private var rows: [[String]]

  public init(_ columns: [(head: String, alignment: TextAlignment)]) {
    rows = [columns.map(\.head), columns.map { $0.alignment == .left ? "---" : "--:" }]
  }

  public mutating func append(_ cells: [String]) { rows.append(cells) }

  public var text: String { rows.map { "| \($0.joined(separator: " | ")) |\n" }.joined() }
}
