/// A cell of a picture: a character in a colour.
public protocol PaintedCell: Equatable {
  func character(_ style: Style) -> Character
  var ink: Style.Ink { get }
}

extension Style {
  /// Cells as text, neighbours of one kind painted together.
  public func paint(_ cells: [some PaintedCell]) -> String {
    var text = ""
    var rest = cells[...]
    while let first = rest.first {
      let run = rest.prefix { $0 == first }
      text += paint(String(run.map { $0.character(self) }), first.ink)
      rest = rest.dropFirst(run.count)
    }
    return text
  }
}
