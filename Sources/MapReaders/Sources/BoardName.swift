/// What a kernel says of the machine that it runs on: `DMI: VENDOR PRODUCT/BOARD, BIOS VERSION DATE` (`dmi_format_ids`).
struct BoardName: Equatable {
  /// `DMI: Intel Corporation AST2600EVB/AST2600EVB`. The same in every boot of a machine.
  let board: String
  /// `BIOS EGSDCRB1.86B.0062.D24.2108081248 08/08/2021`; another one behind an update.
  let bios: String

  /// What the line says, as it is printed.
  var line: String { "\(board), \(bios)" }

  /// Reads the first of these lines in a text. `DMI: SMBIOS 2.8 present.` and `DMI: Memory slots populated: 1/1` are others.
  ///
  /// - Complexity: O(text).
  static func first(in text: TextCursor) -> BoardName? {
    var rest = text
    while let start = rest.find("DMI: ", by: 0) {
      rest = TextCursor(from: start, to: text.end)
      guard var line = rest.take(upTo: 10) ?? rest.takeRest() else { return nil }
      while line.last == 13 { line.dropLast() }
      // A product may have the words in its name, too.
      var board = line
      while !board.isAtEnd, !board.ends(with: ", BIOS ") { board.dropLast() }
      guard board.dropLast(", BIOS "), board.count > "DMI: ".utf8.count, line.count <= longestLine else {
        continue
      }
      let bios = TextCursor(from: board.end + ", ".utf8.count, to: line.end)
      return BoardName(board: board.trimmed.text, bios: bios.trimmed.text)
    }
    return nil
  }

  /// Six names of 64 bytes at most, which is what SMBIOS advises.
  private static let longestLine = 500
}

extension TextCursor {
  /// All that is left; nil where nothing is.
  fileprivate mutating func takeRest() -> TextCursor? {
    guard !isAtEnd else { return nil }
    let rest = self
    skip(count)
    return rest
  }
}
