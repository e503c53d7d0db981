/// What a kernel says of the machine that it runs on: `DMI: VENDOR PRODUCT/BOARD, BIOS VERSION DATE` (`dmi_format_ids`).
struct BoardName: Equatable {
  /// `DMI: Intel Corporation AST2600EVB/AST2600EVB`. In every boot of a machine the same, but for what an update of the BIOS
  /// renames.
  let board: String
  /// `BIOS EGSDCRB1.86B.0062.D24.2108081248 08/08/2021`; another one behind an update.
  let bios: String

  /// What the line says, as it is printed.
  var line: String { "\(board), \(bios)" }

  /// Whether the two names cannot be of one machine: both tell the board, and it is another one; or one of them does not, and
  /// the vendor and product are others.
  ///
  /// Cases and blanks do not count. What was never filled in, and what tools spell in other ways (`&amp;`, `=3D`, `\xc3`, an
  /// escape), tells nothing.
  func contradicts(_ other: BoardName) -> Bool {
    let names = [self, other].map { name -> (product: Substring, board: Substring) in
      let folded = name.board.dropFirst("DMI: ".count).lowercased().filter { $0 != " " }
      let slash = folded.lastIndex(of: "/") ?? folded.endIndex
      return (folded[..<slash], folded[slash...].dropFirst())
    }
    let boards = names.map(\.board)
    let told = boards.allSatisfy(Self.tells) ? boards : names.map(\.product)
    return told.allSatisfy(Self.tells) && told[0] != told[1]
  }

  /// Whether a name, without blanks and capitals, is one of its own and means the same wherever it is read.
  private static func tells(_ name: Substring) -> Bool {
    let spelled: Set<Character> = ["&", "=", "\\", "%", "#", "?", "\u{1b}"]
    return !name.isEmpty && name.allSatisfy { $0.isASCII && !spelled.contains($0) }
      && !placeholders.contains { name.contains($0) }
  }

  private static let placeholders = [
    "tobefilledbyo.e.m.", "defaultstring", "systemproductname", "systemmanufacturer", "notspecified",
    "unknown",
  ]

  /// Reads the first of these lines in a text. `DMI: SMBIOS 2.8 present.` and `DMI: Memory slots populated: 1/1` are others.
  ///
  /// - Complexity: O(text).
  static func first(in text: TextCursor) -> BoardName? {
    var rest = text
    while let start = rest.find("DMI: ", by: 0) {
      let beginsMessage = TextCursor(from: text.position, to: start).endsBeforeMessage
      rest = TextCursor(from: start, to: text.end)
      guard var line = rest.take(upTo: 10) ?? rest.takeRest() else { return nil }
      while line.last == 13 { line.dropLast() }
      // A product may have the words in its name, too.
      var board = line
      while !board.isAtEnd, !board.ends(with: ", BIOS ") { board.dropLast() }
      guard beginsMessage, board.dropLast(", BIOS "), board.count > "DMI: ".utf8.count,
        line.count <= longestLine
      else { continue }
      let bios = TextCursor(from: board.end + ", ".utf8.count, to: line.end)
      return BoardName(board: board.trimmed.text, bios: bios.trimmed.text)
    }
    return nil
  }

  /// Six names of 64 bytes at most, which is what SMBIOS advises.
  private static let longestLine = 500
}

extension TextCursor {
  /// Whether a kernel's message may begin behind this: the name of a driver or a subsystem has a colon behind it.
  fileprivate var endsBeforeMessage: Bool {
    let before = trimmed
    return before.last != UInt8(ascii: ":") || before.ends(with: "kernel:")
  }

  /// All that is left; nil where nothing is.
  fileprivate mutating func takeRest() -> TextCursor? {
    guard !isAtEnd else { return nil }
    let rest = self
    skip(count)
    return rest
  }
}
