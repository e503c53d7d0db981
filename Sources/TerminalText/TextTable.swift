/// Rows of text in columns, as narrow as their cells: a head, and blanks between columns.
public struct TextTable {
  public struct Column {
    var head: String
    var alignment: TextAlignment
    var narrowest: Int
    var widest: Int
    var isWhole: Bool

    /// - Parameters:
    ///   - narrowest: what the column is at least, so that those of two tables stand at the same place.
    ///   - widest: longer cells lose their middle.
    ///   - isWhole: longer cells lose nothing, and stand on a line of their own above the others of their row; for the
    ///     first column.
    public init(
      _ head: String,
      _ alignment: TextAlignment = .right,
      narrowest: Int = 0,
      widest: Int = screenWidth,
      isWhole: Bool = false
    ) {
      self.isWhole = isWhole
      self.head = head
      self.alignment = alignment
      self.narrowest = narrowest
      self.widest = widest
    }
  }

  private let columns: [Column]
  private let gap: String
  private var rows: [Row]

  private enum Row {
    case cells([String])
    /// Across all columns.
    case line(String)
  }

  /// - Parameter gap: the blanks between two columns.
  public init(_ columns: [Column], gap: Int = 2) {
    self.columns = columns
    self.gap = String(repeating: " ", count: gap)
    rows = [.cells(columns.map(\.head))]
  }

  /// - Parameter cells: one for each column. What would end a line in one of them is shown as its code point.
  public mutating func append(_ cells: [String]) {
    var cells = cells.map(cellFitForTerminal)
    if columns[0].isWhole, cells[0].columnCount > columns[0].widest {
      rows.append(.line(cells[0]))
      cells[0] = ""
    }
    rows.append(.cells(zip(columns, cells).map { $1.shortened(to: $0.widest) }))
  }

  /// A line of its own before the rows that follow.
  public mutating func append(line: String) { rows.append(.line(cellFitForTerminal(line))) }

  /// The head, then the rows.
  public var lines: [String] {
    let widths = columns.indices.map { index in
      rows.reduce(columns[index].narrowest) { widest, row in
        guard case .cells(let cells) = row else { return widest }
        return max(widest, cells[index].columnCount)
      }
    }
    return rows.map { row in
      switch row {
      case .line(let line): line
      case .cells(let cells):
        cells.indices.map { cells[$0].padded(to: widths[$0], columns[$0].alignment) }
          .joined(separator: gap).withoutTrailingBlanks
      }
    }
  }

  public var text: String { lines.map { $0 + "\n" }.joined() }

  /// The same with the head in bold.
  public func text(_ style: Style) -> String {
    lines.enumerated().map { ($0.offset == 0 ? style.paint($0.element, .bold) : $0.element) + "\n" }.joined()
  }
}
